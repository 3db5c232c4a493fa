"""Results of a day: figures, books and a picture."""
