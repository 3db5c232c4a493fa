"""A simulated city: shops that order, customers at their doors, drivers who decide on offers themselves.

The city uses the platform only from outside: it calls the HTTP API as a shop's system and a driver's app do.
"""
