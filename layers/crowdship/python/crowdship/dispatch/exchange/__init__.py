"""Exchange of deliveries between a merchant's own drivers who are under way."""
