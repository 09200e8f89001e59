"""Networks as piecewise affine functions: their pieces and their values, exactly."""
