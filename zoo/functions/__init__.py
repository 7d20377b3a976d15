"""The slides' mathematics: pure functions with hand-written gradients."""

from zoo.functions.native import is_native, native

__all__ = ["is_native", "native"]
