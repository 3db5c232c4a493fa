"""Performance: the measures of drivers' work, the causes of lateness, and what weighs how much."""
