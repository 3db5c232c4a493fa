"""Personal data: kept here only, under a token that the other rooms hold instead."""
