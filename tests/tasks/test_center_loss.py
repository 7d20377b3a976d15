from dataclasses import replace

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from zoo.data.module import InMemoryData, Prepared
from zoo.data.sets import Labelled
from zoo.errors import ZooError
from zoo.functions.center_loss import center_pull, center_update
from zoo.metrics.clusters import class_distances
from zoo.models.lenets_pp import LeNetsPlusPlus
from zoo.recipes.quiet import quiet
from zoo.tasks.center_loss import CenterLossTraining
from zoo.tasks.center_loss_options import CenterLossOptions
from zoo.tasks.embedding_board import EmbeddingBoard
from zoo.tasks.options import OptimizerOptions

OPTIONS = CenterLossOptions(weight=0.1, optimizer=OptimizerOptions(lr=1e-2))
LABELS = ["a", "b", "c"]


def _split(count, seed):
    """Three patterns under noise."""
    generator = torch.Generator().manual_seed(seed)
    pattern = torch.randn(3, 1, 8, 8, generator=torch.Generator().manual_seed(9))
    label = torch.arange(count) % 3
    return Labelled(pattern[label] + 0.2 * torch.randn(count, 1, 8, 8, generator=generator), label)


def _data(batch_size=15):
    return InMemoryData(Prepared(_split(60, 0), _split(30, 1), _split(30, 2), LABELS), batch_size=batch_size, seed=0)


def _task(options=OPTIONS):
    torch.manual_seed(0)
    return CenterLossTraining(LeNetsPlusPlus(num_classes=3, side=8, widths=(4, 8)), options, num_classes=3)


def _fit(task, *, epochs=1, data=None, resume=None, **options):
    quiet()
    settings = {"logger": False, "enable_checkpointing": False, "callbacks": []} | options
    trainer = pl.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        log_every_n_steps=1,
        **settings,
    )
    trainer.fit(task, datamodule=data or _data(), ckpt_path=resume, weights_only=True)
    return trainer


def test_a_step_moves_the_centers_by_the_papers_rule_from_the_features_before_it():
    task, before = _task(), _task()
    _fit(task, data=_data(batch_size=60))  # one step
    order = _data(batch_size=60).train_dataloader()
    x, label = next(iter(order))
    update = center_update(before.model.embed(x), label, torch.zeros(3, 2))
    assert torch.allclose(task.center_loss.center, -OPTIONS.center_rate * update, atol=1e-6)


@pytest.mark.parametrize("update", ["paper", "gradient"])
def test_the_centers_go_their_way_without_momentum_or_decay(update):
    """Each step of the task by hand, from the features that it saw."""
    task = _task(replace(OPTIONS, update=update))
    seen, direct = [], task.center_loss.direct

    def noting(feature, label):
        seen.append((feature, label))
        direct(feature, label)

    task.center_loss.direct = noting
    _fit(task)
    center = torch.zeros(3, 2)
    for feature, label in seen:
        pull, count = center_pull(feature, label, center)
        center = center - OPTIONS.center_rate * (pull / (1 + count)[:, None] if update == "paper" else pull / len(label))
    assert len(seen) == 4
    assert torch.allclose(task.center_loss.center, center, atol=1e-6)


def test_a_label_without_a_class_is_named():
    split = _split(60, 0)
    wrong = Labelled(split.input, split.label.clone().index_fill(0, torch.tensor(7), 3))
    data = InMemoryData(Prepared(wrong, None, _split(30, 2), LABELS), batch_size=60, seed=0)
    with pytest.raises(ZooError, match="label 3: there are centers of 3 classes, 0 to 2"):
        _fit(_task(), data=data)


def test_the_weight_of_the_loss_does_not_scale_the_centers():
    light, heavy = _task(replace(OPTIONS, weight=0.0)), _task(replace(OPTIONS, weight=5.0))
    for task in (light, heavy):
        _fit(task, data=_data(batch_size=60))
    assert torch.allclose(light.center_loss.center, heavy.center_loss.center)
    assert not torch.allclose(light.model.embedding.weight, heavy.model.embedding.weight)


def test_two_optimisers_count_as_one_step():
    assert _fit(_task(), epochs=2).global_step == 2 * 4


def test_classes_are_learnt_and_center_loss_makes_them_tighter():
    quotient = {}
    for weight in (0.0, 1.0):
        task = _task(replace(OPTIONS, weight=weight))
        figures = _fit(task, epochs=15).callback_metrics
        assert figures["val/error"] == 0
        split = _split(30, 2)
        within, between = class_distances(task.model.embed(split.input).detach(), split.label)
        quotient[weight] = float(within / between)
    assert quotient[1.0] < quotient[0.0]


def test_what_is_logged_of_validation_is_what_it_says():
    task = _task()
    figures = _fit(task).callback_metrics
    split = _split(30, 1)
    with torch.no_grad():
        feature = task.model.embed(split.input)
    within, between = class_distances(feature, split.label)
    assert figures["val/within"] == pytest.approx(float(within), rel=1e-4)
    assert figures["val/within_over_between"] == pytest.approx(float(within / between), rel=1e-4)
    assert figures["val/error"] == (task.model(split.input).argmax(1) != split.label).float().mean()


def test_stopping_and_going_on_is_as_never_having_stopped(tmp_path):
    whole, task = _task(), _task()
    _fit(whole, epochs=2)
    # The schedule is that of two epochs, of which the first is taken.
    first = _fit(task, epochs=2, callbacks=[_StopAfterFirst()])
    first.save_checkpoint(tmp_path / "one.ckpt")
    resumed = _task()
    _fit(resumed, epochs=2, resume=tmp_path / "one.ckpt")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


class _StopAfterFirst(pl.Callback):
    def on_train_epoch_end(self, trainer, pl_module):
        trainer.should_stop = True


def test_the_board_shows_the_features(tmp_path):
    _fit(_task(), logger=TensorBoardLogger(tmp_path, name="", version=""), callbacks=[EmbeddingBoard(LABELS)])
    events = EventAccumulator(str(tmp_path)).Reload()
    assert "features/validation" in events.Tags()["images"]
    assert {"train/center_loss", "train/cross_entropy", "val/within", "val/between"} <= set(events.Tags()["scalars"])
    assert len(next(tmp_path.rglob("metadata.tsv")).read_text().split()) == 30
