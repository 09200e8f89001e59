"""Chapter 7: support vector machines."""
