"""Drivers: who may drive what, their documents, when they are on duty."""
