"""Optimisers, and the problems on which they are compared."""
