"""Plans of a day: the city, its orders and its drivers, invented or read from files."""
