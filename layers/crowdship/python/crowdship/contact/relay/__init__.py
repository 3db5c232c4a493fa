"""Calls without numbers: one module per relay provider, registered in ``registry``."""
