"""A network: layers composed, one parameter vector, its value, its gradient and its training."""
