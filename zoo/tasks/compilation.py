"""Compilation as the first thing that training does."""

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback


class CompileModel(Callback):
    """Compiles the bare model when training starts, after the callbacks before it have looked at it in eager mode."""

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        import torch._dynamo  # late: it takes seconds

        torch._dynamo.config.allow_rnn = True  # otherwise it refuses every subclass of nn.LSTM, whatever it computes with
        pl_module.get_submodule("model").compile()
