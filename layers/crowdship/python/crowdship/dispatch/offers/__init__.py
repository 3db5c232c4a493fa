"""Offers: made, answered, expired, and deliveries given by hand."""
