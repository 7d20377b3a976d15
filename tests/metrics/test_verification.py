import pytest
import torch
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from zoo.errors import ZooError
from zoo.metrics.verification import Retrieval, fold_accuracy, retrieve, roc

DISTANCE = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])
SAME = torch.tensor([True, True, False, True, False])


def _pairs(count=400, *, levels=30):
    """Distances with many ties, smaller where the pair belongs together."""
    generator = torch.Generator().manual_seed(0)
    same = torch.rand(count, generator=generator) < 0.3
    distance = (levels * torch.rand(count, generator=generator) - 8.0 * same).round()
    return distance, same


def _generator():
    return torch.Generator().manual_seed(0)


def test_the_curve_by_hand():
    curve = roc(DISTANCE, SAME)
    assert curve.threshold.tolist() == [-torch.inf, 1, 2, 3, 4, 5]
    assert curve.true_accept.tolist() == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3, 1, 1])
    assert curve.false_accept.tolist() == [0, 0, 0, 0.5, 0.5, 1]
    assert curve.auc == pytest.approx(5 / 6)  # one of six comparisons is wrong
    assert curve.true_accept_at(0.0) == pytest.approx(2 / 3)
    assert curve.true_accept_at(0.5) == 1


def test_the_equal_error_rate_by_hand():
    # Between thresholds 2 and 3 a third is wrongly refused, and the share wrongly accepted passes from 0 to a half.
    assert roc(DISTANCE, SAME).eer == pytest.approx(1 / 3)
    assert roc(torch.tensor([1.0, 2.0]), torch.tensor([True, False])).eer == 0
    assert roc(torch.tensor([2.0, 1.0]), torch.tensor([True, False])).eer == 1


def test_equal_distances_are_accepted_together():
    curve = roc(torch.ones(4), torch.tensor([True, False, True, False]))
    assert curve.false_accept.tolist() == curve.true_accept.tolist() == [0, 1]
    assert curve.auc == curve.eer == 0.5


def test_curve_and_area_are_scikit_learns():
    distance, same = _pairs()
    curve = roc(distance, same)
    false_accept, true_accept, _ = roc_curve(same, -distance, drop_intermediate=False)
    assert curve.false_accept.numpy() == pytest.approx(false_accept)
    assert curve.true_accept.numpy() == pytest.approx(true_accept)
    assert curve.auc == pytest.approx(roc_auc_score(same, -distance))


@pytest.mark.parametrize("same", [torch.tensor([True, True]), torch.tensor([False, False])])
def test_pairs_of_one_kind_are_refused(same):
    with pytest.raises(ZooError, match="belong together; give some of both kinds"):
        roc(torch.zeros(2), same)


def test_what_is_no_number_is_refused():
    with pytest.raises(ZooError, match="1 of 2 distances are not a number"):
        roc(torch.tensor([0.0, torch.nan]), torch.tensor([True, False]))
    with pytest.raises(ZooError, match="1 of 1 distances are not a number"):
        retrieve([torch.tensor([[torch.nan]])], torch.tensor([0]), torch.tensor([0]))


def test_folds_are_judged_by_the_threshold_of_the_others():
    """Separable but for one pair of each kind, far on the wrong side: no threshold learns those two."""
    distance = torch.cat([torch.full((20,), 1.0), torch.full((20,), 3.0)])
    same = torch.arange(40) < 20
    assert fold_accuracy(distance, same, generator=_generator()).tolist() == [1.0] * 10
    distance[0], distance[-1] = 9.0, 0.0
    accuracy = fold_accuracy(distance, same, generator=_generator())
    assert accuracy.mean() == pytest.approx(38 / 40)


def test_no_fold_chooses_its_own_threshold():
    """Two pairs of each kind: with either left out, the best threshold of the other is wrong for it."""
    distance = torch.tensor([1.0, 5.0, 2.0, 6.0])
    same = torch.tensor([True, True, False, False])
    # Left out 1 and 2: of 5 | 6 the best is 5, by which 2 is accepted. Left out 5 and 6: of 1 | 2 the best is 1, by which 5 is refused.
    # Left out 1 and 6: of 5 and 2 none is above a half, and the smallest, none accepted, refuses 1. Left out 5 and 2: 1 | 6, 5 is refused.
    assert set(fold_accuracy(distance, same, generator=_generator(), folds=2).tolist()) == {0.5}
    best_of_all = max(((distance <= threshold) == same).double().mean() for threshold in distance)
    assert best_of_all == 0.75


def test_too_few_pairs_for_the_folds_are_refused():
    with pytest.raises(ZooError, match="3 pairs of one kind are too few for 10 folds"):
        fold_accuracy(torch.rand(30), torch.arange(30) < 3, generator=_generator())


def test_ranking_by_hand():
    table = torch.tensor([[0.1, 0.3, 0.2, 0.9], [0.4, 0.1, 0.2, 0.3]])
    found = retrieve([table], torch.tensor([0, 1]), torch.tensor([1, 0, 0, 1]))
    # Query 0 ranks 1 0 0 1: its class at 2 and 3. Query 1 ranks 0 0 1 1: at 3 and 4.
    assert found.rank.tolist() == [2, 3]
    assert found.average_precision.tolist() == pytest.approx([(1 / 2 + 2 / 3) / 2, (1 / 3 + 2 / 4) / 2])
    assert found.cmc(4).tolist() == [0, 0.5, 1, 1]
    assert found.recall_at(2) == 0.5
    assert found.mean_average_precision == pytest.approx((7 / 12 + 5 / 12) / 2)


def test_the_curve_at_a_rank_is_the_recall_there():
    found = Retrieval(torch.tensor([1, 5, 2, 9, 1]), torch.zeros(5))
    assert found.cmc(6).tolist() == [found.recall_at(k) for k in range(1, 7)]


def test_equal_distances_rank_what_does_not_belong_first():
    found = retrieve([torch.zeros(1, 4)], torch.tensor([0]), torch.tensor([0, 1, 0, 1]))
    assert found.rank.tolist() == [3]


def test_average_precision_is_scikit_learns_and_blocks_change_nothing():
    generator = _generator()
    table, query, gallery = torch.rand(12, 50, generator=generator), torch.arange(12) % 3, torch.arange(50) % 3
    found = retrieve(table.split(5), query, gallery)
    expected = [average_precision_score(gallery == label, -row) for label, row in zip(query, table, strict=True)]
    assert found.average_precision.tolist() == pytest.approx(expected)
    assert torch.equal(found.rank, retrieve([table], query, gallery).rank)


def test_a_query_of_the_gallery_does_not_find_itself():
    table = torch.tensor([[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [2.0, 3.0, 0.0]])
    label = torch.tensor([0, 1, 0])
    with pytest.raises(ZooError, match="nothing in the gallery belongs to the query of class 1; give each class two samples"):
        retrieve(table.split(2), label, label, among_itself=True)
    found = retrieve(table.split(2), torch.zeros(3, dtype=torch.long), torch.zeros(3, dtype=torch.long), among_itself=True)
    assert found.rank.tolist() == [1, 1, 1]
    assert retrieve([table], torch.tensor([0, 1, 0]), torch.tensor([0, 1, 1])).rank.tolist() == [1, 1, 2]


@pytest.mark.parametrize(("rows", "columns"), [(1, 3), (3, 3), (2, 2)])
def test_rows_that_are_not_all_queries_and_all_entries_are_refused(rows, columns):
    query, gallery = torch.tensor([0, 1]), torch.tensor([0, 1, 1])
    with pytest.raises(ZooError, match="there are 2 queries and 3 entries; give each query one row"):
        retrieve(iter([torch.rand(rows, columns)]), query, gallery)


def test_numbers_out_of_their_range_are_refused():
    distance, same = torch.rand(8), torch.arange(8) % 2 == 0
    assert roc(distance, same).true_accept_at(1.0) == 1
    for share in (-0.1, 1.5):
        with pytest.raises(ZooError, match=f"false_accept {share}: must be at least 0"):
            roc(distance, same).true_accept_at(share)
    with pytest.raises(ZooError, match="folds 1: must be at least 2"):
        fold_accuracy(distance, same, generator=torch.Generator(), folds=1)
