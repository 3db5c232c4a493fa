"""Pay runs: what is due after a period's close becomes payouts, which are sent or written into a bank file."""
