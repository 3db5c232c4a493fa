"""The event log: what happened to a merchant's deliveries, in the order of arrival."""
