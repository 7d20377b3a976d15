import torch

from tests.estimators.unions import SMALL, error_of, small_union, with_nan
from zoo.estimators import ZeroFilledSubspaceClustering
from zoo.metrics.subspaces import clustering_error


def test_points_with_few_gaps_are_clustered_and_completed_cluster_by_cluster():
    union = small_union()
    fitted = ZeroFilledSubspaceClustering(SMALL.subspaces).fit(with_nan(union))
    assert clustering_error(torch.from_numpy(fitted.labels_), union.label) < 0.1
    assert error_of(fitted.completed_, union) < 0.5
    assert not fitted.coef_.diagonal().any()
