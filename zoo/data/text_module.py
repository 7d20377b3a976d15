"""The LightningDataModule of texts."""

from dataclasses import dataclass

import pytorch_lightning as pl

from zoo.data.source_code import TextSplits, load_texts
from zoo.data.text_options import TextOptions
from zoo.data.text_windows import Encoded, Windows, as_stream, encode
from zoo.errors import ZooError
from zoo.models.vocabulary import Vocabulary

_EVALUATION_ROWS, _EVALUATION_WINDOW = 128, 200
_STREAM_ROWS = 8  # places at which a stream is read in validation: few, as what stands before each is not seen


@dataclass(frozen=True)
class PreparedTexts:
    """Texts as a model reads them."""

    splits: TextSplits
    vocabulary: Vocabulary
    """Of both splits."""
    train: Encoded
    validation: Encoded


class TextData(pl.LightningDataModule):
    """Serves windows of texts that live on the training device.

    Args:
        prepared: The texts.
        batch_size: Texts side by side in training.
        window: Most characters of a training window.
        seed: Seed of the order of training texts.
    """

    def __init__(self, prepared: PreparedTexts, *, batch_size: int, window: int, seed: int) -> None:
        super().__init__()
        self.prepared, self.batch_size, self.window, self.seed = prepared, batch_size, window, seed

    def train_dataloader(self) -> Windows:
        """The training texts, in another order every epoch."""
        return Windows(self._on_device(self.prepared.train), batch_size=self.batch_size, window=self.window, seed=self.seed)

    def val_dataloader(self) -> Windows:
        """Every symbol of the validation texts once."""
        return evaluation_windows(self._on_device(self.prepared.validation))

    def _on_device(self, texts: Encoded) -> Encoded:
        strategy = self.trainer.strategy if self.trainer else None
        return texts.to(strategy.root_device) if strategy else texts


def evaluation_windows(texts: Encoded) -> Windows:
    """Every symbol of some texts once, for figures."""
    return Windows(texts, batch_size=_EVALUATION_ROWS, window=_EVALUATION_WINDOW)


def build_text_data(options: TextOptions, *, seed: int) -> TextData:
    """Read the texts and number their characters.

    Raises:
        ZooError: They are missing, damaged, too short for a window, or one that would be cut.
    """
    splits = load_texts(options)
    if splits.train.characters < options.window:
        raise ZooError(
            f"{splits.train.characters} characters to learn from are fewer than one window of {options.window}; "
            "set --data.window lower, or give more text"
        )
    if options.layout == "programs" and len(splits.train) == 1 and splits.train.characters > options.longest:
        raise ZooError(
            f"of the one text of {splits.train.characters:,} characters only the first {options.longest:,} would be learnt from; "
            "add --data.layout stream, or set --data.longest higher"
        )
    prepared = prepare_texts(splits, options, Vocabulary.of([*splits.train.text, *splits.validation.text]))
    return TextData(prepared, batch_size=options.batch_size, window=options.window, seed=seed)


def prepare_texts(splits: TextSplits, options: TextOptions, vocabulary: Vocabulary) -> PreparedTexts:
    """Number the characters of both splits.

    Raises:
        ZooError: A text has a character that is not in the vocabulary, or a stream is shorter than its rows.
    """
    if options.layout == "stream":
        rows = max(1, min(_STREAM_ROWS, splits.validation.characters // _EVALUATION_WINDOW))
        train = as_stream(encode(splits.train.text, None, vocabulary), rows=options.batch_size)
        validation = as_stream(encode(splits.validation.text, None, vocabulary), rows=rows)
    else:
        train = encode(splits.train.text, splits.train.problem, vocabulary, longest=options.longest)
        validation = encode(splits.validation.text, splits.validation.problem, vocabulary)
    return PreparedTexts(splits, vocabulary, train, validation)
