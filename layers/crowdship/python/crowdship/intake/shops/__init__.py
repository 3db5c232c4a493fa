"""Shops that send orders by themselves: receiving, what was ignored, and the merchant's account of them."""
