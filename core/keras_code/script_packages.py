"""The packages that a printed program needs, and the functions of ours that it reads its table by."""

from core.experiment.columns import TableInfo

_ARROW = ("read_parquet", "parquet_table", "read_feather", "feather_table")
# Readers that are none of pandas -> the modules of core.tables with their functions.
OWN_READERS = {
    "json_table": ("json_table",),
    "parquet_table": ("byte_words", "parquet_table"),
    "feather_table": ("byte_words", "feather_table"),
}


def packages(sklearn: bool, *tables: TableInfo | None) -> list[str]:
    """What the program needs to be installed; scikit-learn where it computes a score or deals folds."""
    needed = ["tensorflow", "pandas", *(["scikit-learn"] if sklearn else [])]
    for info in filter(None, tables):
        engine = {"calamine": "python-calamine"}.get(info.options.get("engine", ""), "openpyxl")
        needed += ["pyarrow"] if info.ref.startswith("file:") or info.reader in _ARROW else []
        needed += [engine] if info.reader == "read_excel" else []
    needed = list(dict.fromkeys(needed))
    return [*needed[:-2], " and ".join(needed[-2:])]
