"""Balances: the sums of each account and day, stored when the day is closed, and what is read from them."""
