"""Endpoints of merchants: addresses, filters, health and signing secrets."""
