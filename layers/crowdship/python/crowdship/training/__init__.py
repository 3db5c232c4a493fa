"""Training of drivers: modules as data, and quizzes whose passing grants a credential."""
