"""How often the fault tests do what they do."""

import pytest


def times(few: int, many: int) -> pytest.MarkDecorator:
    """Give a test its ``count``: ``few`` in the default run, ``many`` under ``-m slow``."""
    return pytest.mark.parametrize("count", [few, pytest.param(many, marks=pytest.mark.slow)])
