"""Vault: the only place of personal data; other rooms hold a token instead."""
