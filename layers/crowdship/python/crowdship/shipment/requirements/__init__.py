"""Requirements: what an order may demand of its stops and its driver, a module each; ``registry`` lists them."""
