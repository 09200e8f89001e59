"""The engine: runs a table of kernels over batches, in parallel, deterministically."""
