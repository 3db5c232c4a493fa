"""Delivery of webhooks: attempts, their schedule, and the log of them."""
