"""Networks as piecewise affine functions: their pieces, exactly, and the networks of given functions."""
