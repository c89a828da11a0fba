"""Rows: where tables come from, what their columns hold, and how they are split."""
