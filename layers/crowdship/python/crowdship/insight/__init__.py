"""Insight: key performance indicators as metrics, days of zones, finance's mails, and break-even."""
