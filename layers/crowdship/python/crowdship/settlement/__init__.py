"""The ledger: what a closed delivery costs and earns, statements, payouts. Append-only, double entry."""
