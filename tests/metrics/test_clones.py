import pytest

from tests.metrics.slide_programs import GENERATED, SAMPLE_1, SAMPLE_2
from zoo.metrics.clones import ProgramIndex, identifier_likeness, read_tokens, structure_likeness


def test_the_slides_programs_are_found_as_the_slides_say():
    """Sample 1 is nearest to the generated program in structure, sample 2 in identifiers."""
    generated = read_tokens(GENERATED)
    index = ProgramIndex([SAMPLE_1, SAMPLE_2])
    structure, names = index.nearest_structure(generated), index.nearest_identifiers(generated)
    assert (structure.index, names.index) == (0, 1)
    assert structure.likeness == pytest.approx(structure_likeness(generated, read_tokens(SAMPLE_1)))
    assert names.likeness == pytest.approx(identifier_likeness(generated, read_tokens(SAMPLE_2)))
    assert structure.likeness > 0.85
    assert names.likeness > 0.6


def test_other_names_numbers_and_spaces_leave_the_structure():
    first, second = read_tokens("int f(int a){return a+1;}"), read_tokens("int  g(int b)\n{ return b + 27; } // more")
    assert structure_likeness(first, second) == 1
    assert identifier_likeness(first, second) == 0


def test_a_likeness_counts_what_is_common_in_order():
    """Three of the five and of the three identifiers are common: 2 * 3 / 8."""
    first, second = read_tokens("x = a + b + c + d;"), read_tokens("x = b + d;")
    assert first.identifiers == ("x", "a", "b", "c", "d")
    assert identifier_likeness(first, second) == pytest.approx(0.75)


def test_tokens_know_where_they_stand_even_behind_letters_of_two_bytes():
    program = 's = "é"; n = 3;'
    tokens = read_tokens(program)
    assert [program[place : place + len(text)] for place, text in zip(tokens.places, tokens.texts, strict=True)] == list(tokens.texts)
    assert '"é"' in tokens.texts


@pytest.mark.parametrize("program", ["", "}}}((", "int main( { /*", "\0"])
def test_what_is_no_program_is_taken_apart_all_the_same(program):
    assert len(read_tokens(program).kinds) == len(read_tokens(program).texts)
