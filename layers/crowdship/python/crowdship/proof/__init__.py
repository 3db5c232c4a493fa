"""Proof of hand-overs: pictures, PINs and other captured data, and their checks."""
