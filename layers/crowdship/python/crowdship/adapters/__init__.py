"""Adapters to AWS and to the process: storage, bus, HTTP, idempotency, secrets, caches, metrics.

Nothing else knows AWS's clients, but ports that are named so in their rooms.
"""
