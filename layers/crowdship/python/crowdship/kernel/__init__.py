"""Values that every room stands on: time, money, ids, points, events, errors. Nothing here knows AWS."""
