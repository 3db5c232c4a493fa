"""Imitations of the systems that the platform calls, for scenarios, the demo and tests."""
