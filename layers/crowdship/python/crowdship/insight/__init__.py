"""Insight: key performance indicators as metrics, and the report to finance."""
