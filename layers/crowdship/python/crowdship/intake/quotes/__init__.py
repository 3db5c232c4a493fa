"""Quotes: price and time of a delivery, kept as a promise for a while."""
