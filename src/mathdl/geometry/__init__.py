"""Geometry of finite point sets: hyperplanes, separation, convex hulls."""
