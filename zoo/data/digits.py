"""The embedded set: scikit-learn's 1,797 real handwritten digits, 8 x 8."""

import torch

from zoo.data.sets import Labelled, Splits

TEST_SIZE = 450


def load_digits() -> Splits:
    """Read the digits that travel with scikit-learn; the last 450 are the test set.

    The order is that of the file, in which writers follow one another, so the test digits are mostly by
    writers that training has not seen: harder than a random split, and closer to use.

    References:
        E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI repository, 1998 (CC BY 4.0).
    """
    from sklearn.datasets import load_digits as read

    bunch = read()
    image = torch.from_numpy(bunch.images * (255 / 16)).round().to(torch.uint8)[:, None]
    label = torch.from_numpy(bunch.target).long()
    return Splits(
        train=Labelled(image[:-TEST_SIZE], label[:-TEST_SIZE]),
        test=Labelled(image[-TEST_SIZE:], label[-TEST_SIZE:]),
        labels=[str(digit) for digit in range(10)],
    )
