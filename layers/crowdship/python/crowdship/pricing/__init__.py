"""Pricing: what a delivery costs its merchant and earns its driver."""
