"""The delivery aggregate, by who changes it: the search for a driver, the driver, an ending, the merchant."""
