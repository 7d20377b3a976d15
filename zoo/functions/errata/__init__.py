"""The slides' errata, executable: the literal formula, the corrected one, and what shows which is right.

One family a file; ``all_errata`` finds them by itself. Numbers and wording are those of MATHS.md, section 2.
"""

from zoo.functions.errata.registry import Erratum, Finding, all_errata, find, register_erratum

__all__ = ["Erratum", "Finding", "all_errata", "find", "register_erratum"]
