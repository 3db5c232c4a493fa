"""What the network does, counted; what finance is told."""
