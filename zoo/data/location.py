"""Where real data is looked for."""

import os
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "zoo"


def search_roots(root: Path | None) -> list[Path]:
    """The folders to look in, in order: the one that was asked for, else ``$ZOO_DATA`` and the cache.

    Args:
        root: ``--data.root``; when given, nothing else is searched.
    """
    if root is not None:
        return [root]
    named = os.environ.get("ZOO_DATA")
    return [Path(named), CACHE] if named else [CACHE]
