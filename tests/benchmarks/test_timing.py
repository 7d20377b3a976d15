from zoo.benchmarks import timing


def test_contenders_rest_before_every_turn_and_take_turns_at_beginning(monkeypatch):
    did = []
    monkeypatch.setattr(timing.time, "sleep", lambda seconds: did.append(seconds))

    def contender(name):
        return lambda: did.append(name) or float(len(did))

    found = timing.interleave({"a": contender("a"), "b": contender("b")}, repeats=2, rest=0.5)
    assert did == [0.5, "a", 0.5, "b", 0.5, "b", 0.5, "a", 0.5, "a", 0.5, "b"]
    assert found["a"].seconds == [8.0, 10.0], "the first round is not counted"
