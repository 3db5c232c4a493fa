"""Extra pay beside the pay of deliveries: quests, bonuses and guarantees, with budgets that are never exceeded."""
