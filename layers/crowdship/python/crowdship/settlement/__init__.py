"""Settlement: a double-entry ledger of closed deliveries, statements and payouts; postings are never edited."""
