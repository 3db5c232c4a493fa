"""Drivers: their vehicles, documents and duties."""
