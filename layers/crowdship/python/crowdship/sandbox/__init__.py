"""The sandbox: test deliveries follow a script, through the same states and events as real ones."""
