"""Places: where an address is, for orders that come without coordinates."""
