"""The payer as forms name them, from the stage's secret."""

from crowdship.adapters.secrets import required_fields
from crowdship.adapters.settings import settings
from crowdship.tax.parties import Payer

FIELDS = ("payer_name", "payer_tin", "payer_street", "payer_city", "payer_state", "payer_zip", "payer_phone")
SECRET_AGE_S = 60


def payer() -> Payer:
    """Return the payer of this stage; a `LookupError` says which field the secret lacks."""
    held = required_fields(settings().tax_secret, FIELDS, SECRET_AGE_S)
    return Payer.model_validate({name.removeprefix("payer_"): str(held[name]) for name in FIELDS})
