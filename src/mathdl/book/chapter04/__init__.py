"""Chapter 4: the fundamentals of artificial neural networks."""
