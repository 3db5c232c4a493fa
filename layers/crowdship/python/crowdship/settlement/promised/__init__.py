"""Extra pay of promises, so that it is taken back once: by its own events, or by staff."""
