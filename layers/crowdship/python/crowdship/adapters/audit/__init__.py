"""The audit trail: what staff asked to change, and what they read of people; entries are added and never changed."""
