"""Law as dated rows: which figure or condition holds at a place on a day, published where, and how sure that is."""
