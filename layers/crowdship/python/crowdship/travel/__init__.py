"""Travel: ways and times between points, by streets, traffic, incidents and what drivers taught."""
