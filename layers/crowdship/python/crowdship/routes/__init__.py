"""Routes: a driver's stops in order, their timetable and their arrivals."""
