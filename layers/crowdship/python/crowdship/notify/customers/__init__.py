"""Messages to customers: which events, by which channel, and why one was refused."""
