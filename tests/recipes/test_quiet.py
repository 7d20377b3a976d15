import logging

from zoo.recipes.quiet import claim_last_word, quiet

OBSERVER = logging.getLogger("lightning_fabric.strategies.launchers.subprocess_script")


def test_why_a_run_ends_is_said_once_whoever_finds_out_first(capsys):
    quiet()
    for _ in range(2):
        OBSERVER.info("a process has ended")
    assert capsys.readouterr().err.count("\n") == 1
    assert not claim_last_word()
    quiet()
    assert claim_last_word()
    OBSERVER.info("a process has ended")
    assert not capsys.readouterr().err
