"""What a ReLU network is, a piecewise affine function, and what it can be."""
