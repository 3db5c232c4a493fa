"""What drivers send and get at their stops."""

from typing import Any

from crowdship.deliveries.model import FailureReason
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.proof.model import ImageKind


class StepInput(Value):
    """A step on the way; the device's clock may tell another time than ours, both are kept."""

    device_at: Moment | None = None


class FailInput(Value):
    """Why a hand-over did not happen."""

    reason: FailureReason
    device_at: Moment | None = None


class UploadForm(Value):
    """Where and with which form fields to POST a picture."""

    kind: ImageKind
    url: str
    fields: dict[str, Any]
