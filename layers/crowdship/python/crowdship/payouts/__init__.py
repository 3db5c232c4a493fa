"""Payouts: drivers' money on its way to their bank accounts."""
