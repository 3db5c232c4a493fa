"""Tracking: positions of drivers, what is derived from them, and what a customer may see."""
