"""Data: readers of real files, embedded sets, and the LightningDataModules that serve them."""
