"""The loop that trains: callbacks, watching, learning rates and the record."""
