"""Clearing: what is open on in-between accounts, and since when."""
