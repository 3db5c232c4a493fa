"""Zones: where crowdship serves, and by which rules there."""
