"""Payouts to drivers: one module per provider, registered in ``registry``."""
