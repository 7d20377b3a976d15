from dataclasses import replace

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import zoo
from zoo.data.digits import load_digits
from zoo.data.module import InMemoryData, Prepared
from zoo.data.sets import Labelled
from zoo.errors import RunError, ZooError
from zoo.metrics.partition import exact_log_partition, log_likelihood
from zoo.models.unfolding import start_autoencoder
from zoo.recipes.quiet import quiet
from zoo.tasks.fine_tuning import FineTuning, classify, reconstruct
from zoo.tasks.options import OptimizerOptions
from zoo.tasks.rbm_board import RBMBoard
from zoo.tasks.rbm_options import RBMOptions
from zoo.tasks.rbm_pretraining import RBMPretraining

OPTIONS = RBMOptions(lr=0.1, weight_decay=1e-4)


def _digits(count=400):
    train = load_digits().train
    return Labelled((train.input[:count].flatten(1) > 127).float(), train.label[:count])


def _data(train, validation=None, batch_size=50):
    return InMemoryData(Prepared(train, validation, train, [str(digit) for digit in range(10)]), batch_size=batch_size, seed=0)


def _trainer(epochs, *, callbacks=(), logger=False, **options):
    quiet()
    return pl.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=logger,
        callbacks=list(callbacks),
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        log_every_n_steps=2,
        **options,
    )


def _model(arch="rbm", **options):
    torch.manual_seed(0)
    return zoo.get_model(arch, **({"visible": 64, "hidden": 10} if arch == "rbm" else {"widths": (64, 12, 10)}) | options)


@pytest.mark.parametrize(
    ("options", "epochs"),
    [(OPTIONS, 20), (replace(OPTIONS, steps=3), 20), (replace(OPTIONS, persistent=True, lr=0.05, final_lr=0.0), 60)],
    ids=["CD-1", "CD-3", "PCD"],
)
def test_training_raises_the_exact_likelihood_of_digits(options, epochs):
    model, train = _model(), _digits()
    model.start_at(train.input.mean(0))
    before = log_likelihood(model, train.input, exact_log_partition(model))
    _trainer(epochs).fit(RBMPretraining(model, options), datamodule=_data(train))
    assert log_likelihood(model, train.input, exact_log_partition(model)) > before + 3


def test_stop_and_resume_equals_never_having_stopped(tmp_path):
    options = replace(OPTIONS, persistent=True, sparsity_cost=0.1)
    whole, first, second = (_model("dbn") for _ in range(3))

    class Save(pl.Callback):
        def on_train_epoch_end(self, trainer, pl_module):
            trainer.save_checkpoint(tmp_path / f"{trainer.current_epoch}.ckpt")

    _trainer(6, callbacks=[Save()]).fit(RBMPretraining(first, options), datamodule=_data(_digits()))
    _trainer(6).fit(RBMPretraining(whole, options), datamodule=_data(_digits()))
    for epoch in (1, 2, 4):  # within the first machine, at its end, within the second
        path = tmp_path / f"{epoch}.ckpt"
        torch.load(path, weights_only=True)
        _trainer(6).fit(RBMPretraining(second, options), datamodule=_data(_digits()), ckpt_path=path, weights_only=True)
        for ours, theirs in zip(second.parameters(), whole.parameters(), strict=True):
            assert torch.equal(ours, theirs)


def test_a_machine_rests_while_the_others_learn():
    model, seen = _model("dbn"), []

    class Watch(pl.Callback):
        def on_train_epoch_end(self, trainer, pl_module):
            seen.append((pl_module.greedy.level, *(machine.weight.detach().clone() for machine in model.machines)))

    _trainer(4, callbacks=[Watch()]).fit(RBMPretraining(model, OPTIONS), datamodule=_data(_digits()))
    assert [level for level, *_ in seen] == [0, 0, 1, 1]
    assert not torch.equal(seen[0][1], seen[1][1])
    assert torch.equal(seen[0][2], seen[1][2])
    assert torch.equal(seen[1][1], seen[3][1])
    assert not torch.equal(seen[2][2], seen[3][2])


def test_a_stack_reconstructs_better_for_its_training():
    model, train = _model("dbn"), _digits()
    before = (model(train.input) - train.input).square().sum(1).mean()
    _trainer(20).fit(RBMPretraining(model, OPTIONS), datamodule=_data(train))
    assert (model(train.input) - train.input).square().sum(1).mean() < 0.8 * before


def test_the_top_machine_learns_in_its_own_way():
    model, seen = _model("dbn"), []

    class Watch(pl.Callback):
        def on_train_epoch_end(self, trainer, pl_module):
            greedy, (weights, *_) = pl_module.greedy, trainer.optimizers[0].param_groups[2 * pl_module.greedy.level :]
            seen.append((weights["lr"], weights["weight_decay"], greedy.divergence.state_dict()["chain"] is not None))

    top = RBMOptions(persistent=True, lr=0.01, weight_decay=0.0)
    _trainer(2, callbacks=[Watch()]).fit(RBMPretraining(model, OPTIONS, top=top), datamodule=_data(_digits()))
    assert seen == [(0.1, 1e-4, False), (0.01, 0.0, True)]


def test_momentum_and_learning_rate_follow_their_schedules_for_every_machine():
    options, seen = replace(OPTIONS, momentum_epochs=1, final_lr=0.5), []

    class Watch(pl.Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            seen.append(pl_module.greedy.schedule(pl_module.current_epoch + batch_idx / trainer.num_training_batches))

    _trainer(4, callbacks=[Watch()]).fit(RBMPretraining(_model("dbn"), options), datamodule=_data(_digits(), batch_size=200))
    rates = [0.1 * (1 - 0.5 * done / 4) for done in range(4)]
    assert [rate for rate, _ in seen] == pytest.approx(rates * 2)
    assert [momentum for _, momentum in seen] == [0.5, 0.5, 0.9, 0.9] * 2


def test_everything_is_logged(tmp_path):
    model, train = _model(), _digits()
    logger = TensorBoardLogger(tmp_path, name="", version="")
    trainer = _trainer(2, logger=logger, callbacks=[RBMBoard(steps=3)])
    trainer.fit(RBMPretraining(model, OPTIONS), datamodule=_data(train, train.subset(torch.arange(60))))
    events = EventAccumulator(str(tmp_path)).Reload()
    figures = {"reconstruction_error", "pseudo_likelihood", "hidden_activity"}
    assert {f"train/{name}" for name in figures} | {f"val/{name}" for name in figures} <= set(events.Tags()["scalars"])
    assert "val/free_energy_gap" in events.Tags()["scalars"]
    assert {"filters/first_machine", "reconstructions", "fantasies"} <= set(events.Tags()["images"])
    assert "machine_1/mean_hidden_activity" in events.Tags()["histograms"]


def test_the_last_epoch_of_pre_training_is_shown(tmp_path):
    logger = TensorBoardLogger(tmp_path, name="", version="")
    _trainer(4, logger=logger, callbacks=[RBMBoard(every=9, steps=3)]).fit(_tuned(widths=(64, 12)), datamodule=_data(_digits()))
    events = EventAccumulator(str(tmp_path)).Reload()
    assert [event.step for event in events.Images("fantasies")] == [8, 16]  # after the first epoch and the second, of eight steps


def test_the_board_changes_nothing_of_the_training(tmp_path):
    plain, watched = _model(), _model()
    _trainer(2).fit(RBMPretraining(plain, OPTIONS), datamodule=_data(_digits()))
    logger = TensorBoardLogger(tmp_path, name="", version="")
    _trainer(2, logger=logger, callbacks=[RBMBoard(steps=3)]).fit(RBMPretraining(watched, OPTIONS), datamodule=_data(_digits()))
    assert torch.equal(plain.weight, watched.weight)


def test_the_free_energy_gap_shows_data_that_training_has_not_seen():
    train, other = _digits(), _digits()
    noise = Labelled(torch.rand(60, 64, generator=torch.Generator().manual_seed(0)).round(), other.label[:60])
    trainer = _trainer(5)
    trainer.fit(RBMPretraining(_model(), OPTIONS), datamodule=_data(train, noise))
    assert trainer.callback_metrics["val/free_energy_gap"] > 10


@pytest.mark.parametrize(("value", "message"), [(2.0, "binary units take"), (float("nan"), "NaN or infinity")])
def test_unfit_data_are_refused_before_the_first_step(value, message):
    model, train = _model(), _digits()
    before = model.weight.detach().clone()
    train.input[399, 7] = value
    with pytest.raises(ZooError, match=message):
        _trainer(1).fit(RBMPretraining(model, OPTIONS), datamodule=_data(train))
    assert torch.equal(model.weight, before)


def test_data_of_another_width_are_refused():
    with pytest.raises(ZooError, match="64 values, the machine has 20 visible units"):
        _trainer(1).fit(RBMPretraining(_model(visible=20), OPTIONS), datamodule=_data(_digits()))


def test_divergence_stops_the_run_with_the_step_and_the_cause():
    train = _digits()
    data = _data(Labelled(100 * train.input, train.label))
    task = RBMPretraining(_model(units="gaussian"), replace(OPTIONS, gaussian_lr=10.0))
    with pytest.raises(RunError, match=r"step 2: training diverged.*try gaussian-lr 1 on standardised data"):
        _trainer(5).fit(task, datamodule=data)


def test_every_machine_needs_an_epoch():
    with pytest.raises(ZooError, match="1 epochs for 2 machines"):
        _trainer(1).fit(RBMPretraining(_model("dbn"), OPTIONS), datamodule=_data(_digits()))


def _tuned(*, pretraining=0.5, widths=(64, 12, 10), **rbm):
    """A stack that learns for half of the epochs, and the classifier that it unfolds into for the other half."""
    model = _model("dbn", widths=widths, label_units=10 * (len(widths) > 2), num_classes=10)
    tuning = FineTuning(model.classifier, model.unfold, classify, OptimizerOptions(lr=1e-2), pretraining)
    return RBMPretraining(model, replace(OPTIONS, **rbm), fine_tuning=tuning)


def test_a_stack_unfolds_into_a_classifier_that_learns():
    train, task, trainer = _digits(), _tuned(widths=(64, 30)), _trainer(20)
    trainer.fit(task, datamodule=_data(train, train, batch_size=20))
    assert (task.model(train.input).argmax(1) == train.label).float().mean() > 0.9
    assert trainer.callback_metrics["val/error"] < 0.1


def test_the_classifier_starts_at_the_stack_and_leaves_it_as_it_is():
    task, seen = _tuned(), {}

    class Watch(pl.Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            if batch_idx == 0:
                bottom = task.model.machines[0].weight.detach().clone()
                seen[trainer.current_epoch] = (bottom, task.model.classifier.features[1].weight.detach().clone())

    _trainer(4, callbacks=[Watch()]).fit(task, datamodule=_data(_digits()))
    assert torch.equal(*seen[2])
    assert torch.equal(seen[3][0], seen[2][0])
    assert not torch.equal(seen[3][1], seen[2][1])


def test_without_pre_training_the_network_starts_at_random_weights():
    task = _tuned(pretraining=0.0)
    before = task.model.machines[0].weight.detach().clone()
    _trainer(2).fit(task, datamodule=_data(_digits()))
    assert torch.equal(task.model.machines[0].weight, before)


def test_fine_tuning_resumes_exactly_as_well(tmp_path):
    whole, first = _tuned(persistent=True), _tuned(persistent=True)

    class Save(pl.Callback):
        def on_train_epoch_end(self, trainer, pl_module):
            trainer.save_checkpoint(tmp_path / f"{trainer.current_epoch}.ckpt")

    _trainer(6, callbacks=[Save()]).fit(first, datamodule=_data(_digits()))
    _trainer(6).fit(whole, datamodule=_data(_digits()))
    for epoch in (0, 2, 4):  # within pre-training, at its end, within fine-tuning
        task, path = _tuned(persistent=True), tmp_path / f"{epoch}.ckpt"
        torch.load(path, weights_only=True)
        _trainer(6).fit(task, datamodule=_data(_digits()), ckpt_path=path, weights_only=True)
        for ours, theirs in zip(task.parameters(), whole.parameters(), strict=True):
            assert torch.equal(ours, theirs)


def test_the_top_machine_learns_the_labels():
    task, train = _tuned(pretraining=0.9, widths=(64, 30, 40)), _digits()
    _trainer(40).fit(task, datamodule=_data(train))
    seen = task.model.machines[-1].visible_mean(task.model.up(train.input))[:, -10:]
    assert (seen.argmax(1) == train.label).float().mean() > 0.6


def test_an_unrolled_autoencoder_reconstructs_better_than_its_stack():
    train, stack = _digits(), _model("dbn", widths=(64, 30))
    network = zoo.get_model("autoencoder", widths=(64, 30), code="sigmoid")
    unroll = lambda: start_autoencoder(network, [*stack.machines])  # noqa: E731
    tuning = FineTuning(network, unroll, reconstruct, OptimizerOptions(lr=1e-2), 0.5)
    trainer = _trainer(10)
    trainer.fit(RBMPretraining(network, OPTIONS, stack=stack, fine_tuning=tuning), datamodule=_data(train, train, batch_size=20))
    error = (network.reconstruct(train.input) - train.input).square().sum(1).mean()
    assert error < 0.8 * (stack(train.input) - train.input).square().sum(1).mean()
    assert torch.isclose(trainer.callback_metrics["val/squared_error"], error, rtol=1e-4)


def test_smoothed_labels_are_those_of_torch():
    score = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    label = torch.tensor([0, 1, 2, 3, 0, 1])
    loss = classify(score, score, label, smoothing=0.3)["loss"]
    torch.testing.assert_close(loss, torch.nn.functional.cross_entropy(score, label, label_smoothing=0.3))
    assert loss != classify(score, score, label)["loss"]
