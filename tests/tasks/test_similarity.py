from unittest.mock import Mock

import pytest
import pytorch_lightning as pl
import torch

from zoo.data.cross_domain import CrossDomainData, CrossDomainSplits, Domains
from zoo.data.sets import Labelled
from zoo.errors import ZooError
from zoo.layers.similarity import MEASURES
from zoo.models.generalized_similarity import GeneralizedSimilarityNet
from zoo.recipes.quiet import quiet
from zoo.tasks import similarity
from zoo.tasks.options import OptimizerOptions
from zoo.tasks.similarity import SimilarityTraining, pair_loss, table_by_pairs
from zoo.tasks.similarity_options import SimilarityOptions

OPTIONS = SimilarityOptions(optimizer=OptimizerOptions(lr=1e-2))


def _domains(count, seed):
    """Points of five classes, and the same classes turned and in another number of dimensions."""
    generator = torch.Generator().manual_seed(seed)
    center = torch.randn(5, 6, generator=torch.Generator().manual_seed(9))
    label = torch.arange(count) % 5
    x, y = (center[label] + 0.1 * torch.randn(count, 6, generator=generator) for _ in range(2))
    return Domains(Labelled(x, label), Labelled(y.flip(1)[:, :4], label))


def _net(measure="generalized"):
    torch.manual_seed(0)
    return GeneralizedSimilarityNet(x_shape=(6,), y_shape=(4,), features=4, rank=4, branch="linear", measure=measure)


def _fit(task, epochs):
    quiet()
    trainer = pl.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )
    splits = CrossDomainSplits(_domains(100, 0), _domains(30, 1), _domains(30, 2))
    trainer.fit(task, datamodule=CrossDomainData(splits, batch_size=25, seed=0))
    return trainer.callback_metrics


@pytest.mark.parametrize("measure", MEASURES)
def test_two_domains_are_matched(measure):
    assert _fit(SimilarityTraining(_net(measure), OPTIONS), epochs=150)["val/error"] < 0.1


@pytest.mark.parametrize("measure", MEASURES)
def test_pairs_give_the_table_and_its_gradients(measure):
    torch.manual_seed(0)
    layer = MEASURES[measure](4, 4, 3).double()
    x, y = torch.randn(3, 4).double(), torch.randn(5, 4).double()
    same = torch.arange(3)[:, None] == torch.arange(5)
    found = []
    for table in (layer.table(x, y), table_by_pairs(layer, x, y)):
        found.append((table, torch.autograd.grad(pair_loss(table, same), list(layer.parameters()), allow_unused=True)))
    (sample, by_sample), (pair, by_pair) = found
    assert torch.allclose(sample, pair)
    for ours, theirs in zip(by_sample, by_pair, strict=True):
        assert torch.allclose(ours, theirs)


def test_training_by_pairs_is_training_by_samples(monkeypatch):
    by_pairs = Mock(side_effect=table_by_pairs)
    monkeypatch.setattr(similarity, "table_by_pairs", by_pairs)
    figures, calls = [], []
    for how in ("sample", "pair"):
        figures.append(_fit(SimilarityTraining(_net(), SimilarityOptions(gradient=how, optimizer=OPTIONS.optimizer)), 1))
        calls.append(by_pairs.call_count)
    assert calls == [0, 4], "four batches, each way its own"
    assert figures[0]["val/loss"] == pytest.approx(float(figures[1]["val/loss"]), rel=1e-4)


def test_the_loss_by_hand():
    distance, same = torch.tensor([[-3.0, 0.5], [2.0, 0.0]]), torch.eye(2, dtype=torch.bool)
    # Together: 0 and 1. Apart: a half and 0.
    assert pair_loss(distance, same).item() == 0.5 + 0.25


def test_of_a_batch_of_one_class_its_pairs_are_the_loss():
    assert pair_loss(torch.tensor([[-3.0, 0.5], [-1.0, 0.5]]), torch.ones(2, 2, dtype=torch.bool)).item() == 0.75


def test_a_batch_without_pairs_that_belong_together_is_refused():
    with pytest.raises(ZooError, match="a batch of 4 pairs has none that belong together; take more things"):
        pair_loss(torch.zeros(2, 2), torch.zeros(2, 2, dtype=torch.bool))
