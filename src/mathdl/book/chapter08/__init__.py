"""Chapter 8: gradient descent."""
