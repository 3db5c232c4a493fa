"""Invoicing: merchants are billed by cycle from their statements; payments, reminders and write-offs follow."""
