"""Orders: what merchants send, on which terms it becomes a delivery, and how it is changed later."""
