import gzip

import pytest
import torch

from zoo.data import cross_domain
from zoo.data.cross_domain import CrossDomainData, CrossDomainSplits, Domains, build_cross_domain, edge_map
from zoo.data.metric_options import CrossDomainOptions
from zoo.data.pairing import PairedBatches, check_partners
from zoo.data.sets import Labelled
from zoo.data.usps import load_usps
from zoo.errors import ZooError


def _labelled(label, width=2):
    label = torch.tensor(label)
    return Labelled(torch.arange(len(label), dtype=torch.float)[:, None].expand(-1, width), label)


def _batches(**options):
    return PairedBatches(_labelled([0, 1, 1, 2, 0, 2]), _labelled([2, 0, 1, 0, 0]), batch_size=4, seed=3, **options)


def test_every_thing_comes_once_with_a_partner_of_its_class():
    batches, y_label = _batches(), torch.tensor([2, 0, 1, 0, 0])
    seen = []
    for x, y, label in batches:
        seen += x[:, 0].tolist()
        assert torch.equal(y_label[y[:, 0].long()], label)
    assert sorted(seen) == [0, 1, 2, 3, 4, 5]
    assert len(batches) == 2


def test_partners_change_from_epoch_to_epoch_and_all_come_in_time():
    batches, partners = _batches(), set()
    for epoch in range(20):
        batches.sampler.set_epoch(epoch)
        partners |= {int(partner) for x, y, _ in batches for partner in y[x[:, 0] == 0, 0]}
    assert partners == {1, 3, 4}


def test_a_loader_goes_on_where_its_position_was_taken():
    whole, part, later = (list(_batches()), _batches(), _batches())
    next(iter(part))
    later.load_state_dict(part.state_dict())
    for ours, theirs in zip(next(iter(later)), whole[1], strict=True):
        assert torch.equal(ours, theirs)


def test_a_class_without_a_partner_is_refused():
    with pytest.raises(ZooError, match="class 2 is in the first domain and not in the second; give each class a sample of both"):
        check_partners(_labelled([0, 2]), _labelled([0, 1]))


def test_a_validation_query_without_a_partner_is_refused_before_the_training():
    whole = Domains(_labelled([0, 1, 2]), _labelled([0, 1, 2]))
    lonely = Domains(_labelled([0, 1]), _labelled([0, 0]))
    with pytest.raises(ZooError, match="class 1 is in the first domain and not in the second"):
        CrossDomainData(CrossDomainSplits(whole, lonely, whole), batch_size=2, seed=0)


def test_digits_belong_to_their_own_edges_and_validation_keeps_pairs_together():
    splits = build_cross_domain(CrossDomainOptions(validation=0.2), seed=0)
    assert [len(each.x) for each in (splits.train, splits.validation, splits.test)] == [1078, 269, 450]
    for part in (splits.train, splits.validation, splits.test):
        assert torch.equal(part.x.label, part.y.label)
    assert not set(splits.train.x.label.tolist()) & set(splits.validation.x.label.tolist())


def test_an_edge_is_where_the_picture_changes():
    image = torch.zeros(1, 1, 5, 6)
    image[..., 3:] = 1
    edges = edge_map(image)[0, 0]
    assert edges[2].tolist() == [0, 0, 0.5, 0.5, 0, 0.5]  # half the step in the two columns beside it; the last is the picture's rim


def test_no_validation_trains_on_all():
    data = CrossDomainData(build_cross_domain(CrossDomainOptions(validation=0.0), seed=0), batch_size=8, seed=0)
    assert data.val_dataloader() == []
    assert len(data.splits.train.x) == 1347


def test_mnist_and_usps_are_read_in_their_own_sizes(usps_root):
    splits = build_cross_domain(CrossDomainOptions(kind="mnist-usps", root=usps_root, validation=0.1), seed=0)
    assert splits.train.x.input.shape == (54_000, 1, 28, 28)
    assert splits.validation.y.input.shape == (729, 1, 16, 16)
    assert (len(splits.test.x), len(splits.test.y)) == (10_000, 2007)
    assert splits.test.y.label[:10].tolist() == [9, 6, 3, 6, 6, 0, 0, 0, 6, 9]


def _write_usps(folder, line):
    for name in ("zip.train.gz", "zip.test.gz"):
        with gzip.open(folder / name, "wt") as file:
            file.write(line)
    return folder


def test_usps_is_read_line_by_line(tmp_path):
    splits = load_usps(_write_usps(tmp_path, "7.0000 " + " ".join(["-1", "0.5"] * 128) + "\n"))
    assert splits.train.label.tolist() == [7]
    assert splits.test.input[0, 0, 0, :4].tolist() == [-1, 0.5, -1, 0.5]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("7 0 0\n", "lines of 3 numbers, USPS has 257"),
        ("7 " + "2 " * 256 + "\n", r"a value is outside \[-1, 1\]"),
        ("7.5 " + "0 " * 256 + "\n", "or a label no digit"),
        ("seven\n", "is damaged"),
    ],
)
def test_damaged_usps_files_are_refused(tmp_path, line, complaint):
    with pytest.raises(ZooError, match=complaint):
        load_usps(_write_usps(tmp_path, line))


def test_missing_usps_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(ZooError, match=f"USPS is not in {tmp_path}"):
        load_usps(tmp_path)


def test_domains_of_pairs_are_cut_together_and_others_apart():
    splits = build_cross_domain(CrossDomainOptions(validation=0.5), seed=0)
    assert isinstance(splits.validation, Domains)
    assert torch.equal(splits.validation.x.label, splits.validation.y.label)


def _people(count, first, seed):
    """Both views of so many people, in eight numbers each."""
    generator = torch.Generator().manual_seed(seed)
    views = torch.randn(count, 8, generator=generator) + 0.1 * torch.randn(2, count, 8, generator=generator)
    return tuple(Labelled(view, first + torch.arange(count)) for view in views)


def test_pedestrians_are_seen_in_the_components_of_those_trained_on(monkeypatch):
    train, tests = _people(20, 0, seed=0), [_people(10, 20, seed=seed) for seed in (1, 2)]
    options, splits = CrossDomainOptions(kind="viper", validation=0.2), []
    for test in tests:
        monkeypatch.setattr(cross_domain, "describe_pedestrians", lambda root, seed, test=test: (train, test))
        splits.append(build_cross_domain(options, seed=0))
    one, other = splits
    assert torch.equal(one.train.x.input, other.train.x.input), "the test has no part in them"
    assert not torch.equal(one.test.x.input, other.test.x.input)
    both = torch.cat([one.train.x.input, one.train.y.input])
    assert (len(both), len(one.validation.x)) == (32, 4)
    assert torch.allclose(both.mean(0), torch.zeros(8), atol=1e-5), "nor has validation"
    covariance = both.T @ both
    assert torch.allclose(covariance, covariance.diagonal().diag(), atol=1e-3)
    assert torch.equal(covariance.diagonal().sort(descending=True).values, covariance.diagonal())
