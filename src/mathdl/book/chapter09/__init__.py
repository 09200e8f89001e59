"""Chapter 9: backpropagation."""
