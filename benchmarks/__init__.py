"""Side-by-side measurements against peers: ``python -m benchmarks [NAME...]``. Never timed tests."""
