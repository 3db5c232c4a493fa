"""Channels to a person: SMS and e-mail, why one was refused, and how each is sent once."""
