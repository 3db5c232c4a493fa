"""What every room stands on: time, money, ids, places, events, guarded storage, HTTP answers."""
