"""Settlement cycle: the daily close of a period, with its statements and payouts."""
