"""A simulated city: shops that order, customers at their doors, drivers with a will of their own.

It knows the platform only from outside: everything goes through the HTTP API, as a shop's system and a driver's
app would do it.
"""
