"""The delivery: its states, what each change needs, its guarded writes."""
