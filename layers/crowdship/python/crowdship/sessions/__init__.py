"""Sessions: drivers and staff sign in on their pages, stay signed in, and sign out."""
