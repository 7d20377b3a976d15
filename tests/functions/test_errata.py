import re
from pathlib import Path

import pytest
import torch

from zoo.functions.draw import Draw
from zoo.functions.errata import all_errata, find, register_erratum

MATHS = Path(__file__).parents[2] / "docs" / "MATHS.md"
WITHOUT_CODE = {
    "E7": "one letter for three rates: a matter of names",
    "E10": "the transpose stands on a scalar and does nothing",
    "E25": "one letter for a region and a map: a matter of names",
    "E36": "sizes of two drawings, no formula",
    "E40": "a bias that is set and never used computes nothing wrong",
    "E51": "listings in C, no formula",
}

ERRATA = {erratum.number: erratum for erratum in all_errata()}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("number", ERRATA)
def test_the_literal_formula_fails_where_the_corrected_one_holds(number, seed):
    finding = ERRATA[number].show(Draw(seed=seed))
    assert finding.shown, finding


def test_a_number_is_registered_once():
    number = next(iter(ERRATA))
    with pytest.raises(ValueError, match="twice"):
        register_erratum(number, where="", literal="", corrected="")(ERRATA[number].show)


def test_every_wrong_or_inconsistent_formula_is_shown_or_has_a_reason_not_to_be():
    rows = re.findall(r"^\| (E\d+) \|.*\| ([WAIO/→]+) \|$", MATHS.read_text(), re.MULTILINE)
    owed = {number for number, severity in rows if set("WI") & set(severity)}
    shown = {re.sub(r"[a-h]$", "", number) for number in ERRATA}
    assert owed - shown == set(WITHOUT_CODE)


def test_a_literal_formula_that_raises_what_nobody_announced_is_no_proof():
    def broken():
        raise RuntimeError("a slip of the pen")

    one = torch.ones(1)
    with pytest.raises(RuntimeError, match="slip"):
        find(literal=broken, corrected=lambda: one, truth=one)
    with pytest.raises(RuntimeError, match="slip"):
        find(literal=broken, literal_raises="size mismatch", corrected=lambda: one, truth=one)
    assert find(literal=broken, literal_raises="slip", corrected=lambda: one, truth=one).shown
    assert not find(literal=lambda: 2 * one, literal_raises="slip", corrected=lambda: one, truth=one).shown
