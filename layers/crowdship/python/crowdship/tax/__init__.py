"""Tax of drivers in the United States: W-9, taxpayer numbers, backup withholding, Form 1099-NEC."""
