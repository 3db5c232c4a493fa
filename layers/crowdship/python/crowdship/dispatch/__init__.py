"""Dispatch: which driver is asked for which deliveries, and what follows from the answer."""
