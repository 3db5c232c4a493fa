"""Money's lives, played by a seed against the real rules with tables in memory: ``python -m benchmarks.money``.

``benchmarks.settle`` plays one evening of many drivers with it.
"""
