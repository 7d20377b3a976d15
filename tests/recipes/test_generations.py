from zoo.recipes.checkpoints import generations


def test_only_the_runs_own_checkpoints_count_newest_first(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    for name in ("step-000000002", "step-000000010", "step-000000001copy", "step-1", "step-0000000011", "best"):
        (tmp_path / f"checkpoints/{name}.ckpt").touch()
    assert [path.name for path in generations(tmp_path)] == ["step-000000010.ckpt", "step-000000002.ckpt"]
