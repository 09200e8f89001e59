"""Files: models, checkpoints, and how a file is written whole or not at all."""
