"""Appendix A: the chain rule."""
