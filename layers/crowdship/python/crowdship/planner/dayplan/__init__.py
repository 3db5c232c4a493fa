"""The day plan: hundreds of scheduled deliveries for tens of vehicles."""
