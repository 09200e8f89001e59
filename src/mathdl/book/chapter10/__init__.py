"""Chapter 10: convolutional networks."""
