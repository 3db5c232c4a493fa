"""Replays: events that an endpoint missed, sent again."""
