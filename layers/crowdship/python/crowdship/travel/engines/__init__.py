"""Engines of ways: OSRM in this process, Amazon Location Service, and the maps that OSRM needs."""
