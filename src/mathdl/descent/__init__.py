"""Descent: update rules, batches, schedules, callbacks, one loop."""
