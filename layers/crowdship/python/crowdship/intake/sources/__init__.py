"""Kinds of systems that send orders by themselves: one module per kind, each of the shape ``model.OrderSource``."""
