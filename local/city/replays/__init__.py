"""Meal-delivery instances replayed by the engine alone."""
