"""Who may drive for whom."""

import pytest

from crowdship.drivers import service as drivers
from crowdship.drivers.model import DriverKind
from crowdship.kernel.errors import Unprocessable
from tests.city import City, driver_input

pytestmark = pytest.mark.usefixtures("aws")


@pytest.mark.parametrize("given", [{"kind": DriverKind.DEDICATED}, {"merchant_id": "mer_1"}, {"merchant_id": ""}])
def test_a_dedicated_driver_has_a_merchant_and_a_crowd_driver_none(given):
    city, invited = City.open(), []
    with pytest.raises(Unprocessable, match="whose_driver"):
        drivers.register(driver_input(**given), city.clock, lambda *who: invited.append(who))
    assert not invited
