"""Notices to drivers: pushes to their phones, and an SMS where none works."""
