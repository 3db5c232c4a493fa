"""Travel: ways and times between points, from streets, traffic, incidents and drivers' past legs and stays."""
