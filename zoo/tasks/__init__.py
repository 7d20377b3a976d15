"""LightningModules: loss, metrics, optimiser, and what is logged."""
