"""Simulation of a price table: the deliveries of past days, priced again by it, before anybody is charged by it."""
