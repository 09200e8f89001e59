"""Networks that are, or are near to, given functions."""
