"""Proof that the hand-written gradients are right: the checks that tests and report share."""
