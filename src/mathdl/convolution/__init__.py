"""Convolution as mathematics: of arrays, of functions, as a matrix."""
