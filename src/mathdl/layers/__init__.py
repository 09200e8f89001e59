"""Layers, one a file: shape rule, parameters, initialisation, operations."""
