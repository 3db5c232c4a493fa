"""Systems that send orders by themselves: a module each, all of the shape ``model.OrderSource``."""
