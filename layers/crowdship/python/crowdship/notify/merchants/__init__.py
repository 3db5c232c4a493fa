"""Notices to merchants, by e-mail: what their systems can't be told by webhook."""
