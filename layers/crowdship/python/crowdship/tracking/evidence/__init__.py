"""Evidence that a driver was at a stop: positions sent before they said so."""
