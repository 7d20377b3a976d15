from zoo.cli.side_by_side import Column, printable, side_by_side

RED, GREEN, END = "\033[31m", "\033[32m", "\033[0m"


def test_programs_stand_in_columns_and_what_does_not_fit_is_cut():
    left, right = Column("mine", "a\n\tb"), Column("theirs", "0123456789abcdef")
    assert side_by_side([left, right], width=23, colour=False) == [
        "mine       │ theirs",
        "           │",
        "a          │ 012345678…",
        "    b      │",
    ]


def test_painted_parts_have_their_colour_and_the_columns_their_width():
    column = Column("", "int a;\nb = 1;")
    column.mark(4, 1, "shared")
    column.mark_line(2, "wrong")
    _, _, first, second = side_by_side([column], width=10, colour=True)
    assert first == f"int {GREEN}a{END};"
    assert second == f"{RED}b = 1;{END}"


def test_a_line_behind_the_last_is_not_painted():
    column = Column("", "a")
    column.mark_line(2, "wrong")
    assert column.paint == {}


def test_colours_are_explained_in_their_own_where_there_are_any():
    column = Column("mine", "", legend=("wrong",))
    assert side_by_side([column], width=12, colour=True)[0] == f"mine{RED} wrong{END}"
    assert side_by_side([column], width=12, colour=False)[0] == "mine"


def test_wide_characters_take_two_columns():
    assert side_by_side([Column("", "数a"), Column("", "b")], width=23, colour=False)[2] == "数a        │ b"
    assert side_by_side([Column("", "数数数数数数"), Column("", "b")], width=23, colour=False)[2] == "数数数数…  │ b"


def test_a_terminal_obeys_nothing_that_a_text_says():
    assert printable("a\x1b[31m\r\x7f\x9b\n\tb") == "a␛[31m␍␡\N{REPLACEMENT CHARACTER}\n\tb"
