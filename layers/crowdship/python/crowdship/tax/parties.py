"""The payer of forms."""

from crowdship.kernel.events import Value


class Payer(Value):
    """Name, number, address and phone of the payer."""

    name: str
    tin: str
    street: str
    city: str
    state: str
    zip: str
    phone: str

    @property
    def lines(self) -> tuple[str, ...]:
        """Name and address as a letter has them."""
        return (self.name, self.street, f"{self.city}, {self.state} {self.zip}", self.phone)
