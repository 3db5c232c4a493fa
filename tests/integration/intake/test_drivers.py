"""Who may drive for whom."""

import pytest

from crowdship.drivers import service as drivers
from crowdship.drivers.model import DriverKind
from crowdship.kernel.errors import Unprocessable
from tests.city import City, driver_input

pytestmark = pytest.mark.usefixtures("aws")


@pytest.mark.parametrize("given", [{"merchant_id": "mer_1"}, {"merchant_id": ""}])
def test_a_crowd_driver_is_bound_to_no_merchant(given):
    city, invited = City.open(), []
    with pytest.raises(Unprocessable, match="no_exclusivity"):
        drivers.register(driver_input(**given), city.clock, lambda *who: invited.append(who))
    assert not invited


def test_a_dedicated_driver_without_a_merchant_is_the_platforms_own():
    city = City.open()
    driver = drivers.register(driver_input(kind=DriverKind.DEDICATED), city.clock, lambda *who: None)
    assert (driver.kind, driver.merchant_id) == (DriverKind.DEDICATED, None)
