"""Who an API key lets in, with a container that remembers merchants."""

import pytest

from crowdship.kernel.errors import Unauthorized
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from tests.city import City


@pytest.mark.usefixtures("aws")
class TestKeys:
    def test_a_new_key_opens_at_once_where_the_merchant_is_known_already(self):
        city = City.open()
        first = merchants.issue_key(city.merchant.id, frozenset(Scope), city.clock)
        known = merchants.authenticate(first, Scope.READ).merchant
        second = merchants.issue_key(city.merchant.id, frozenset(Scope), city.clock)
        merchants._cache.put(known.id, known)  # as elsewhere
        assert merchants.authenticate(second, Scope.READ).merchant.id == known.id

    @pytest.mark.parametrize("credential", ["..secret", ".key_1.secret", f"{'m' * 3000}.key_1.secret"])
    def test_a_key_of_a_merchant_that_no_table_can_hold_is_unknown(self, credential):
        City.open()
        with pytest.raises(Unauthorized, match="bad_key"):
            merchants.authenticate(credential, Scope.READ)
