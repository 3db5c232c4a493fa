"""Checks of names and taxpayer numbers: one module per provider, registered in ``registry``."""
