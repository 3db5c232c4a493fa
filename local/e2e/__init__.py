"""The pages in a browser, on the running platform: ``make e2e``.

A module here is a story: what happens on the platform while a browser looks, step by step.
"""
