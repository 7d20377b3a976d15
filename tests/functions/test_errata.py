import pytest

from zoo.functions.draw import Draw
from zoo.functions.errata import all_errata, register_erratum

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
