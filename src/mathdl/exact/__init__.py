"""Exact arithmetic: linear algebra over the rationals."""
