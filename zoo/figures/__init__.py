"""Pictures for people: each function returns a matplotlib figure, for a file or for TensorBoard."""
