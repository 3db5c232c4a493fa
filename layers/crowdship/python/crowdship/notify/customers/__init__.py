"""Notices to customers: three messages about a delivery, by SMS and e-mail."""
