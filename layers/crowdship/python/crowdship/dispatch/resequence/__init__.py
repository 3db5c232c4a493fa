"""The order of a driver's stops: improved by itself, or changed by a dispatcher."""
