"""The shipment: what is carried and what is wished for it. Values that quote, delivery, offer and plan share."""
