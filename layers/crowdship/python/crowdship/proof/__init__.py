"""Proof: what a hand-over must capture, and that it was captured."""
