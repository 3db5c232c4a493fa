"""Break-even of a zone: from which volume a dedicated driver costs less for a delivery than the crowd."""
