"""Parts that benchmarks share: made-up instances, measuring, prices, reports."""
