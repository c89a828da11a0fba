"""Variants of one setting, and which of their differences are more than chance. Plain Python."""
