"""Values that every room stands on: time, money, ids, points, events, errors.

Nothing here reaches AWS, a file or the environment.
"""
