import math
from unittest.mock import Mock

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.tensorboard import SummaryWriter

from zoo.data.text_windows import Windows, encode
from zoo.models.char_lstm import IGNORED, CharLSTM
from zoo.models.vocabulary import Vocabulary
from zoo.tasks.char_language_model import CharLanguageModel, nats_a_symbol
from zoo.tasks.language_board import LanguageBoard
from zoo.tasks.language_options import LanguageOptions
from zoo.tasks.options import OptimizerOptions

TEXTS = ["abcabc", "cab" * 9, "bb", "acb" * 4]
VOCABULARY = Vocabulary.of(TEXTS)


def _model(**options):
    torch.manual_seed(0)
    return CharLSTM(characters=len(VOCABULARY), hidden=24, embedding=8, **options)


def _windows(window, batch_size=2, texts=TEXTS):
    return Windows(encode(texts, None, VOCABULARY), batch_size=batch_size, window=window)


@pytest.mark.parametrize("window", [2, 7, 100])
def test_nats_do_not_depend_on_how_texts_are_cut(window):
    model = _model().eval()
    alone = []
    for text in TEXTS:
        (whole,) = _windows(100, texts=[text])
        score = model(whole.source).log_softmax(-1)[0]
        alone += [-float(score[place, symbol].detach()) for place, symbol in enumerate(whole.target[0])]
    assert nats_a_symbol(model, _windows(window)) == pytest.approx(sum(alone) / len(alone), rel=1e-5)


def test_the_uniform_model_needs_the_logarithm_of_the_vocabulary():
    model = _model().eval()
    torch.nn.init.zeros_(model.head.weight)
    torch.nn.init.zeros_(model.head.bias)
    assert nats_a_symbol(model, _windows(5)) == pytest.approx(math.log(len(VOCABULARY)))


def _train(model, *, epochs=12, **options):
    task = CharLanguageModel(model, LanguageOptions(optimizer=OptimizerOptions(lr=5e-2), **options))
    trainer = pl.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(task, _windows(10), _windows(10))
    return task


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_a_few_texts_are_learnt_by_heart(cell):
    model = _model(cell=cell)
    before = nats_a_symbol(model.eval(), _windows(10))
    _train(model.train())
    assert nats_a_symbol(model.eval(), _windows(10)) < 0.6 * before


def test_the_carried_state_comes_from_the_window_before_and_has_no_gradient():
    task = CharLanguageModel(_model(), LanguageOptions())
    task.log = lambda *args, **kwargs: None
    texts = ["abcabc", "acbacbacb"]
    windows, (whole,) = list(_windows(4, texts=texts)), _windows(100, texts=texts)
    for number, window in enumerate(windows):
        task.training_step(window, number)
        assert all(not each.requires_grad for each in task.state)
    rows = len(windows[-1].source)
    _, state = task.model.read(whole.source[:rows])
    torch.testing.assert_close(task.state[0], state[0].detach())
    task.training_step(windows[0], 0)
    _, fresh = task.model.read(windows[0].source)
    torch.testing.assert_close(task.state[0], fresh[0].detach())


def test_every_symbol_counts_the_same():
    task = CharLanguageModel(_model(), LanguageOptions())
    task.log = lambda *args, **kwargs: None
    for number, window in enumerate(_windows(10)):
        found = task.training_step(window, number)
        assert window.weight == int((window.target != IGNORED).sum()) / 20
        torch.testing.assert_close(found["loss"].detach(), found["nats"] * window.weight)


def test_gates_are_drawn_of_a_text_and_not_of_what_stands_behind_it():
    writer, board = Mock(spec=SummaryWriter), LanguageBoard(VOCABULARY, LanguageOptions())
    (window,) = _windows(100, texts=["abca", "ab"])
    board._show_reading(_model(), window, writer, 0)
    for call in writer.add_figure.call_args_list:
        assert [label.get_text() for label in call.args[1].axes[0].get_xticklabels()] == ["•", "a", "b"]
    assert writer.add_figure.call_count == 2


def test_long_gradients_are_shortened():
    task = CharLanguageModel(_model(), LanguageOptions(clip=0.5))
    for parameter in task.model.parameters():
        parameter.grad = torch.ones_like(parameter)
    task.configure_gradient_clipping(None)
    assert float(torch.nn.utils.get_total_norm([p.grad for p in task.parameters()])) == pytest.approx(0.5, rel=1e-4)
    unlimited = CharLanguageModel(_model(), LanguageOptions(clip=0))
    unlimited.model.head.bias.grad = torch.full_like(unlimited.model.head.bias, 9.0)
    unlimited.configure_gradient_clipping(None)
    assert float(unlimited.model.head.bias.grad[0]) == 9
