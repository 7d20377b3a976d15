"""Measurements of speed: interleaved, repeated, reported as medians and ratios."""
