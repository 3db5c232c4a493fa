"""Stops: what a driver does there (depart, arrive, pick up, deliver, fail, return), and what staff end by hand."""
