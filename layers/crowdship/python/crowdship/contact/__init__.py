"""Contact between people: drivers' emergencies, messages, and calls without anybody's number."""
