"""Reach: who replied STOP, whose mails bounce or were complained about, and what providers and people say of that."""
