from zoo.recipes.checkpoint_file import write_checkpoint
from zoo.recipes.checkpoints import find_checkpoint, generations
from zoo.recipes.durable import remove_leftovers


def test_only_the_runs_own_checkpoints_count_newest_first(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    for name in ("step-000000002", "step-000000010", "step-000000001copy", "step-1", "step-0000000011", "best"):
        (tmp_path / f"checkpoints/{name}.ckpt").touch()
    assert [path.name for path in generations(tmp_path)] == ["step-000000010.ckpt", "step-000000002.ckpt"]


def test_a_checkpoint_under_another_steps_name_is_not_gone_on_from(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    for name in (10, 99):
        write_checkpoint(tmp_path / f"checkpoints/step-{name:09d}.ckpt", {"global_step": 10})
    checkpoint, complaint = find_checkpoint(tmp_path)
    assert checkpoint.name == "step-000000010.ckpt"
    assert "was saved after another step than its name says" in complaint


def test_only_what_interrupted_writes_of_the_zoo_left_is_taken_away(tmp_path):
    for name in ("metrics.json.partial", "mine.partial", "notes.txt.partial"):
        (tmp_path / name).touch()
    (tmp_path / "folder.json.partial").mkdir()
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.json.partial", "mine.partial", "notes.txt.partial"]
