"""Bank files in the format of Nacha: written, checked, and what the bank sends back read."""
