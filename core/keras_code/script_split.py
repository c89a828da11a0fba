"""How the printed program deals its rows into training, validation and test."""

from core.experiment.spec import Split

_SPLITS = {
    "random": {"split_rows", "part_sizes"},
    "time": {"split_by_time", "in_time_order", "part_sizes", "moments", "numbers", "days", "day_way"},
    "group": {"split_by_group", "part_sizes", "words"},
    "column": {"split_by_column", "words"},
    "table": {"split_off"},
}
_FOLDS = {
    "random": {"split_fold", "fold_off", "split_off"},
    "time": {"split_fold_by_time", *_SPLITS["time"]},
    "group": {"split_fold_by_group", *_SPLITS["group"]},
    "table": {"fold_off"},
}


def splitting_functions(split: Split) -> set[str]:
    """The functions of `core.tables` that deal the rows."""
    return (_FOLDS if split.folds else _SPLITS)[split.method]


def splitting_call(split: Split, labels: str) -> str:
    """The call that deals the rows; `labels` is the expression of their classes."""
    cells, shares = f"table[{split.column!r}]", f"{split.validation!r}, {split.test!r}"
    if split.folds:
        share, fold = f"{split.validation_of_rest!r}", f"folds={split.folds}, fold={split.fold}"
        return {
            "random": f"split_fold(len(table), {labels}, {share}, {fold}, seed={split.seed})",
            "time": f"split_fold_by_time(moments({cells}), {share}, {fold})",
            "group": f"split_fold_by_group(words({cells}), {share}, {fold}, seed={split.seed})",
            "table": f"fold_off(len(table), {labels}, {fold}, seed={split.seed})",
        }[split.method]
    return {
        "random": f"split_rows(len(table), {labels}, {split.train!r}, {shares}, seed={split.seed})",
        "time": f"split_by_time(moments({cells}), {shares})",
        "group": f"split_by_group(words({cells}), {shares}, seed={split.seed})",
        "column": f"split_by_column(words({cells}))",
        "table": f"split_off(len(table), {labels}, {split.test!r}, seed={split.seed})",
    }[split.method]
