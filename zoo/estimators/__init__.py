"""What learns without a neural network: completion and clustering of points with gaps, and non-negative factorization.

All follow scikit-learn's conventions (points in rows, ``fit``, attributes that end in an underscore) and compute with torch.
"""

from zoo.estimators.factorization import NonNegativeFactorization
from zoo.estimators.self_expressive import SelfExpressiveCompletion
from zoo.estimators.soft_impute import SoftImpute
from zoo.estimators.zero_filled import ZeroFilledSubspaceClustering

__all__ = ["NonNegativeFactorization", "SelfExpressiveCompletion", "SoftImpute", "ZeroFilledSubspaceClustering"]
