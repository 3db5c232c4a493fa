"""Announcements of a zone's events to the merchants that may order there."""
