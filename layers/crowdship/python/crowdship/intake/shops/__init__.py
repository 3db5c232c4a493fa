"""Shops that send orders by themselves: received messages, ignored messages, and the shop's settings."""
