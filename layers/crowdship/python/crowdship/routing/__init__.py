"""Routing: in which order a driver visits their stops, and when they get there."""
