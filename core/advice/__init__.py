"""Sentences before, during and after a training, each with its reason and, where possible, a fix. Plain Python."""
