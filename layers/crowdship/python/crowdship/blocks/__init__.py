"""Blocks: spans that drivers book with guaranteed least earnings, and the demand that is to be expected."""
