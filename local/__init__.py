"""Tools that run and exercise the whole platform on one machine."""
