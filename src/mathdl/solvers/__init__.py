"""Solvers: one problem, one file, which opens with the problem, what is given, what is returned and when it stops."""
