"""Payouts: money that leaves for drivers, by pay runs and on demand, until the bank has it or gives it back."""
