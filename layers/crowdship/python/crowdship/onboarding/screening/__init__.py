"""Background checks of applicants: one module per provider, registered in ``registry``."""
