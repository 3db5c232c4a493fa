"""Merchants: who they are, their API keys, where their events go."""
