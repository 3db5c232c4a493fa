"""The audit trail: what staff asked the platform to change, with the outcome; entries are added and never changed."""
