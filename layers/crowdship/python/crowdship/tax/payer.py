"""The payer as forms name them, from the stage's secret."""

from crowdship.adapters.secrets import required_fields
from crowdship.adapters.settings import settings
from crowdship.kernel.events import Value

FIELDS = ("payer_name", "payer_tin", "payer_street", "payer_city", "payer_state", "payer_zip", "payer_phone")
SECRET_AGE_S = 60


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


def payer() -> Payer:
    """Return the payer of this stage; a `LookupError` says which field the secret lacks."""
    held = required_fields(settings().tax_secret, FIELDS, SECRET_AGE_S)
    return Payer.model_validate({name.removeprefix("payer_"): str(held[name]) for name in FIELDS})
