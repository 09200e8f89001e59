"""Estimators that follow scikit-learn's contract, one a file."""
