"""The matching round: bundles and drivers chosen together, a few trips ahead."""
