"""Notices to drivers, by SMS: what their app may not have shown them yet."""
