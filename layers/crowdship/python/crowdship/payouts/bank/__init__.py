"""Returns and corrections of banks: what each code means, and what follows from a file of them."""
