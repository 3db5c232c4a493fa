"""Web Push: the subscriptions of drivers' browsers, and the encryption and signature of what is sent to them."""
