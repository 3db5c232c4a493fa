"""The sandbox: test deliveries play a script, through the same states and events as real ones."""
