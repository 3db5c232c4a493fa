"""Zones: the areas that crowdship serves, with the rules of each."""
