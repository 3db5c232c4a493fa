"""Programs that people run: each is a target of the Makefile."""
