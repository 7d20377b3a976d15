import pytest
import torch

from zoo.errors import ZooError
from zoo.models.char_lstm import CharLSTM
from zoo.models.char_sampling import Sampling, Stepper, draw, write, write_all
from zoo.models.recall import Recall
from zoo.models.vocabulary import END, START

KINDS = [{}, {"layers": 3}, {"problems": 5}, {"layers": 2, "cell": "rnn", "problems": 5}]


def _model(**options):
    torch.manual_seed(0)
    return CharLSTM(**{"characters": 12, "hidden": 16, "embedding": 8} | options).eval()


def _problem(model):
    return None if model.problem is None else torch.tensor([4, 0, 2])


def _generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("options", KINDS)
class TestState:
    def test_a_text_in_pieces_is_read_as_the_whole(self, options):
        model, text = _model(**options), torch.randint(12, (3, 20), generator=_generator())
        state, pieces = None, []
        for piece in text.split(7, 1):
            scores, state = model.read(piece, _problem(model), state)
            pieces.append(scores)
        torch.testing.assert_close(torch.cat(pieces, 1), model(text, _problem(model)))

    def test_a_step_at_a_time_gives_the_same_scores(self, options):
        model, text = _model(**options), torch.randint(12, (3, 9), generator=_generator())
        stepper = Stepper(model, _problem(model), count=3)
        scores = torch.stack([stepper.step(character) for character in text.T], 1)
        torch.testing.assert_close(scores, model(text, _problem(model)).detach())

    def test_texts_that_are_kept_go_on_undisturbed(self, options):
        model, text = _model(**options), torch.randint(12, (3, 9), generator=_generator())
        stepper, kept = Stepper(model, _problem(model), count=3), torch.tensor([2, 0])
        for character in text[:, :4].T:
            stepper.step(character)
        stepper.keep(kept)
        scores = torch.stack([stepper.step(character) for character in text[kept, 4:].T], 1)
        torch.testing.assert_close(scores, model(text, _problem(model))[kept, 4:].detach())


def test_the_problem_changes_the_scores():
    model, text = _model(problems=5), torch.zeros(1, 4, dtype=torch.long)
    assert not torch.allclose(model(text, torch.tensor([0])), model(text, torch.tensor([1])))


def test_a_missing_problem_and_one_too_many_are_refused():
    text = torch.zeros(1, 4, dtype=torch.long)
    with pytest.raises(ZooError, match="wants the problem of every text, 0 to 4"):
        _model(problems=5)(text)
    with pytest.raises(ZooError, match="knows no problems"):
        _model()(text, torch.tensor([0]))


@pytest.mark.parametrize("options", [{"layers": 4}, {"layers": 0}, {"dropout": 1.0}, {"hidden": 0}, {"problems": -1}])
def test_sizes_out_of_range_are_refused(options):
    with pytest.raises(ZooError, match=next(iter(options))):
        _model(**options)


def test_forget_gates_start_open_and_gates_can_be_traced():
    model = _model(layers=2)
    text = torch.randint(12, (1, 30), generator=_generator())
    first, second = model.trace(text)
    torch.testing.assert_close(model.head(second.output[:, 0]), model(text)[0])
    assert first.forget_gate.shape == (30, 1, 16)
    assert float(first.forget_gate.mean()) > 0.65
    with pytest.raises(ZooError, match="no gates"):
        _model(cell="rnn").trace(torch.zeros(1, 2, dtype=torch.long))


def test_dropout_is_for_training_alone():
    model, text = _model(dropout=0.5), torch.zeros(2, 5, dtype=torch.long)
    assert torch.equal(model(text), model(text))
    model.train()
    assert not torch.equal(model(text), model(text))


SCORES = torch.log(torch.tensor([[0.5, 0.05, 0.4, 0.3, 0.2, 0.05]]))  # of which the first, the start mark, is never drawn


def _drawn(sampling, count=4000):
    return torch.bincount(draw(SCORES.expand(count, -1), sampling, _generator()), minlength=6) / count


def test_symbols_are_drawn_as_often_as_they_are_likely():
    torch.testing.assert_close(_drawn(Sampling(1.0)), torch.tensor([0, 0.05, 0.4, 0.3, 0.2, 0.05]), atol=0.03, rtol=0)
    squared = torch.tensor([0, 0.0025, 0.16, 0.09, 0.04, 0.0025])
    torch.testing.assert_close(_drawn(Sampling(0.5)), squared / squared.sum(), atol=0.03, rtol=0)


def test_zero_temperature_takes_the_likeliest_and_filters_leave_the_rest_out():
    assert _drawn(Sampling(0)).tolist() == [0, 0, 1, 0, 0, 0]
    assert _drawn(Sampling(1e-40)).tolist() == [0, 0, 1, 0, 0, 0], "scores divided by so little are infinite"
    assert (_drawn(Sampling(1.0, top_k=2)) > 0).tolist() == [False, False, True, True, False, False]
    assert (_drawn(Sampling(1.0, top_p=0.75)) > 0).tolist() == [False, False, True, True, True, False]
    assert (_drawn(Sampling(1.0, top_p=1e-6)) > 0).tolist() == [False, False, True, False, False, False]


@pytest.mark.parametrize("options", [{"temperature": -0.1}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": 1.5}])
def test_sampling_out_of_range_is_refused(options):
    with pytest.raises(ZooError, match=next(iter(options)).replace("_", "-")):
        Sampling(**options)


def test_writing_stops_at_the_end_mark_or_the_limit_and_repeats_itself():
    model, prompt = _model(), torch.tensor([3, 4])

    def written(seed, most=40):
        stepper = Stepper(model, None, count=6)
        return write_all(stepper, prompt, count=6, most=most, sampling=Sampling(1.0), generator=_generator(seed))

    texts = written(0)
    assert {len(text) for text in texts} != {40}
    assert all(len(text) <= 40 and START not in text and END not in text for text in texts)
    assert all(torch.equal(a, b) for a, b in zip(texts, written(0), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(texts, written(1), strict=True))
    assert max(map(len, written(0, most=5))) == 5


def test_a_greedy_text_is_what_the_network_finds_likeliest():
    model, prompt = _model(), torch.tensor([3, 4])
    steps = write(Stepper(model, None, count=1), prompt, count=1, most=8, sampling=Sampling(0), generator=_generator())
    code = [START, 3, 4]
    for step in steps:
        scores = model(torch.tensor([code]))[0, -1].detach()
        scores[START] = -torch.inf
        assert int(step.symbol) == int(scores.argmax())
        code.append(int(step.symbol))


def test_gradients_by_the_input_are_those_of_each_networks_own_loss():
    torch.manual_seed(0)
    model, symbol = Recall(keys=3, noise=2, hidden=8), torch.tensor([[0, 3, 4, 3], [2, 4, 4, 3]])
    norms = model.input_gradients(symbol, symbol[:, 0])
    assert norms.shape == (2, 4)
    x = model.lstm.embed(symbol, None).detach().requires_grad_()
    score = model.lstm.head(model.lstm.recurrent(x)[0][:, -1])
    torch.nn.functional.cross_entropy(score, symbol[:, 0], reduction="sum").backward()
    torch.testing.assert_close(norms[1], x.grad.norm(dim=-1).mean(0))
