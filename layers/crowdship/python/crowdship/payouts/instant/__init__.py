"""Instant pay: what a driver has at hand now, what it costs to have it at once, and its limits."""
