"""Merchants: who they are, their API keys."""
