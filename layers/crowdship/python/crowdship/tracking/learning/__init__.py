"""Observations of legs and stays, from which travel times and stays are learned."""
