"""Webhooks to merchants: endpoints, bodies, retries, the event log and its replay."""
