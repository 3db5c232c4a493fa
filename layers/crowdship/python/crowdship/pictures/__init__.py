"""Pictures that people send: decoded within limits, freed of everything else, and measured."""
