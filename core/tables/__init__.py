"""Rows: where tables come from, what their columns hold, and how they are split."""

from core.tables.errors import TableError
from core.tables.profile import profile, suggest
from core.tables.samples import SAMPLES, Sample, load_sample
from core.tables.sources import TableStore, read_bytes, read_path

__all__ = ["SAMPLES", "Sample", "TableError", "TableStore", "load_sample", "profile", "read_bytes", "read_path", "suggest"]
