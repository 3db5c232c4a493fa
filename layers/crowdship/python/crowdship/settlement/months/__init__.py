"""Months: closing one for good, with what its books said."""
