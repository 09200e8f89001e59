"""The main jobs: train, predict, inspect, and the report."""
