"""Acts of dispatchers on many deliveries or drivers at once: assignments, a round, an offer in an area."""
