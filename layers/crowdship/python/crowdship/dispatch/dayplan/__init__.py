"""Day plans: scheduled deliveries of a day for a merchant's or the network's vehicles, on demand."""
