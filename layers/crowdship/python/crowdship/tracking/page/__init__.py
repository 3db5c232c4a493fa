"""The customer's page of a delivery: its link, the token in it, and what it shows."""
