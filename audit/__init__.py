"""The independent check of a sale: see README.md."""
