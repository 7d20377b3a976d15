"""Modules that own parameters and call the zoo's functions."""
