"""Intake: how orders come in, from the API and from shops."""
