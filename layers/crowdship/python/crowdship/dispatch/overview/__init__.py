"""The map of a zone: where drivers are, and which deliveries need a dispatcher most."""
