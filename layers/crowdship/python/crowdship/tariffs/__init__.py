"""Tariffs: stored price tables and contracts with their approval, and the surge of each zone."""
