"""Onboarding: a person's way from the application to the first delivery."""
