"""Templates by which a merchant writes to its customers in its own words."""
