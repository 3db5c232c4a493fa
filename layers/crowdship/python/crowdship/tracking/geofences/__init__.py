"""Geofences around stops, and the visits that positions show."""
