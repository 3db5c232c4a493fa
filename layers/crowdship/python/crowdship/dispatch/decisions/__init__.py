"""Decisions of rounds, as they were taken: who was considered for which delivery, by which rule, with which scores."""
