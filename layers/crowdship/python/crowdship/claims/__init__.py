"""Claims: something about a delivery was wrong, a matrix of data says who bears it, and refunds follow once."""
