"""Audit of contractors' classification: every setting and record of a zone that bears on it, guard by guard."""
