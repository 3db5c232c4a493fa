"""Payouts by Stripe Connect: a transfer to the driver's connected account, and a payout from there to their bank."""
