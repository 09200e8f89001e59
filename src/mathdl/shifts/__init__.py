"""Decisions about shifts: whether a network's answer moves with its picture, or stays as it is."""
