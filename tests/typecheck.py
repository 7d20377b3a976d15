"""The checker of annotations that runs in all tests: whole numbers count as floats, as type checkers have it."""

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
