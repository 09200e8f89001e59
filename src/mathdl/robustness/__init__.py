"""What a network's answers can be near an input or over a box: bounds, proofs, counterexamples."""
