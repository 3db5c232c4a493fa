"""The board of a zone: its deliveries, drivers and alerts as dispatchers see them."""
