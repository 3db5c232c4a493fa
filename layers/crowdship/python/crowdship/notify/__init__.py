"""Who is told what: customers by SMS and e-mail, merchants by signed webhooks."""
