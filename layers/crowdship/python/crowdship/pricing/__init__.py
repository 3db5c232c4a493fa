"""Pricing: a delivery's charge for the merchant and pay for the driver. It depends on no other room but the kernel."""
