"""Classes and classifiers as sets and functions (chapter 3), one concept a file."""
