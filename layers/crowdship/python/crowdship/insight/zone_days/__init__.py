"""Days of zones: how many orders there were, how they went, and what they cost, summed from facts about each order."""
