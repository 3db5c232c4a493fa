"""Tracking: where drivers are, and what a customer may see of it."""
