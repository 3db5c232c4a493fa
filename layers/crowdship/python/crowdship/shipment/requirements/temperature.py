"""The temperature of the goods, measured at the pickup and at the drop-off."""

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, model_validator

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.shipment.requirements.requirement import Gap, Requirement, Visit
from crowdship.shipment.stop_kind import StopKind

if TYPE_CHECKING:
    from crowdship.shipment.requirements import registry

Celsius = Annotated[float, Field(ge=-100, le=100)]


class Range(Value):
    """The temperatures at which goods stay, degrees Celsius; an end that is left out is open."""

    least_c: Celsius | None = None
    most_c: Celsius | None = None

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.least_c is None and self.most_c is None:
            raise ValueError("name least_c, most_c or both")
        if self.least_c is not None and self.most_c is not None and self.least_c > self.most_c:
            raise ValueError("least_c must not be above most_c")
        return self

    def holds(self, celsius: float) -> bool:
        """Return whether a temperature is within the range, its ends included."""
        return (self.least_c is None or self.least_c <= celsius) and (self.most_c is None or celsius <= self.most_c)

    def __str__(self) -> str:
        if self.least_c is None:
            return f"at most {self.most_c:g} °C"
        return f"at least {self.least_c:g} °C" if self.most_c is None else f"{self.least_c:g} to {self.most_c:g} °C"


class Wish(Value):
    """Asks for the measurements."""

    temperature: Range | None = None


class Capture(Value):
    """The measurement that the driver's app sends, at the pickup and at the drop-off."""

    temperature_c: Celsius | None = Field(default=None, description="Temperature of the goods, degrees Celsius")


class Reading(Value):
    """A measurement.

    Parameters
    ----------
    stop : StopKind
        Where it was made.
    at : datetime
        When it came in, by our clock.
    made_at : datetime or None
        When the device says that it was made, by our clock; None if the device's clock can't be right.
    """

    stop: StopKind
    driver_id: str
    celsius: float
    at: Moment
    made_at: Moment | None


class Evidence(Value):
    """Every measurement, the first one first."""

    temperatures: tuple[Reading, ...] = ()


class Temperature(Requirement[Range | None]):
    """The goods are within the range where they change hands."""

    name = "temperature"
    stops = frozenset({StopKind.PICKUP, StopKind.DROPOFF})

    def stricter(self, one: Range | None, other: Range | None) -> Range | None:
        """Return the temperatures that both wishes allow; the second wish, which is the law's, if there are none."""
        if one is None or other is None:
            return one or other
        least = max((each for each in (one.least_c, other.least_c) if each is not None), default=None)
        most = min((each for each in (one.most_c, other.most_c) if each is not None), default=None)
        if least is not None and most is not None and least > most:
            return other
        return Range(least_c=least, most_c=most)

    def missing(self, asked: Range | None, visit: Visit) -> Gap | None:
        """Return the measurement if there is none.

        Raises
        ------
        Unprocessable
            ``temperature_out_of_range``; the stop then fails with that reason.
        """
        celsius = _measured(visit)
        if celsius is None or asked is None:
            return Gap(f"temperature of the goods ({asked})", "/temperature_c")
        if not asked.holds(celsius):
            detail = (
                f"{celsius:g} °C is not {asked}; measure again, or end it with the reason temperature_out_of_range."
            )
            raise Unprocessable("temperature_out_of_range", detail, "/temperature_c")
        return None

    def keep(self, asked: Range | None, visit: Visit) -> dict[str, Any]:
        """Return the measurements with this stop's added, also where none was asked for."""
        celsius = _measured(visit)
        if celsius is None:
            return {}
        reading = Reading(
            stop=visit.stop, driver_id=visit.driver_id, celsius=celsius, at=visit.at, made_at=visit.made_at
        )
        return {"temperatures": (*visit.evidence.temperatures, reading)}

    def kind(self, evidence: "registry.Evidence") -> str | None:
        """Return ``temperature`` if it was measured at the drop-off."""
        return "temperature" if any(one.stop is StopKind.DROPOFF for one in evidence.temperatures) else None


def _measured(visit: Visit) -> float | None:
    return visit.capture.temperature_c if isinstance(visit.capture, Capture) else None


REQUIREMENT = Temperature()
