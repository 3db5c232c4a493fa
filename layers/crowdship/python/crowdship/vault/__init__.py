"""The vault: the only room that keeps personal data. Other rooms hold a token in its place."""
