"""Transfer of a route's deliveries to other drivers, by a dispatcher's hand."""
