"""Pay floors: the least that law lets drivers earn, reckoned from their work, and what is short of it."""
