"""The delivery: its states, the conditions of each change, its guarded writes."""
