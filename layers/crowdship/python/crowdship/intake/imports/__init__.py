"""Imports of order files: CSV is read row by row; a file is imported whole or not at all."""
