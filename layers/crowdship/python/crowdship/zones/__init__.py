"""Zones: the areas that crowdship serves, each with its own rules."""
