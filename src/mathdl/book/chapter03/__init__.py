"""Chapter 3: the classification problem."""
