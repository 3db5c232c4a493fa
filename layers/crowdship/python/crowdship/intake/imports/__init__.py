"""Files of orders: CSV read row by row, imported whole or not at all."""
