"""Finance's mails: what they say, when each is due, and their sending."""
