"""Which column of a table a person most likely wants to predict: a guess, and the page asks whether it is right."""

import re
from collections.abc import Iterable

from core.experiment.columns import Column, Hint

# Names of columns that people predict, the surest first.
_TARGETS = (
    *("target", "label", "class", "outcome", "y", "price", "survived", "species", "churn", "churned", "sale", "sales"),
    *("strength", "response", "default", "fraud", "diagnosis", "quality", "rating", "revenue", "score", "result"),
    *("digit", "salary", "income", "cost", "status", "charges", "attrition", "exited", "approved", "subscribed"),
)
# At the table's beginning or end these name what the table is about, whatever other columns are called.
_AT_THE_ENDS = ("status", "default", "approved", "churn", "attrition", "exited", "diagnosis", "lettr", "letter", "type")
_FEW = 26  # Classes: the letters.


def suggested_target(columns: Iterable[Column]) -> str | None:
    """The column of a telling name; else the last one of letters; else the last one that can be predicted."""
    usable = [column for column in columns if column.target_kind and column.left_out is None]
    if not usable:
        return None
    # "Property type, ..., Sale price": the last column is usually the target, where its name is that of one.
    first = () if set(_parts(usable[-1].name)).intersection(_TARGETS) else (usable[0],)
    ends = [column for column in (*first, usable[-1]) if column.target_kind != "number"]
    for column in ends:
        if set(_parts(column.name)).intersection(_AT_THE_ENDS) and column.distinct <= _FEW:
            return column.name
    whole: dict[str, str] = {}
    parts: dict[str, str] = {}
    for column in usable:
        whole.setdefault(column.name.lower(), column.name)
        parts |= dict.fromkeys(_parts(column.name), column.name)  # Of several, the last.
    parts.pop("y", None)  # pixel_y, log_y: one letter says too little.
    for known in (whole, parts):
        for wanted in _TARGETS:
            if wanted in known:
                return known[wanted]
    letters = [column for column in usable if column.kind == "category" and _holds_letters(column)]
    return (letters or usable)[-1].name


def target_hint(target: str | None) -> tuple[Hint, ...]:
    """The question whether a guess is right; no button carries it out, but the choice of a target beside it."""
    if target is None:
        return ()
    return (Hint(kind="target", text=f"{target!r} is a guess. Is this what you want to predict?", column=target),)


def _holds_letters(column: Column) -> bool:
    """Whether the cells of a column are single letters."""
    return 2 <= column.distinct <= _FEW and all(len(word) == 1 and word.isalpha() for word, _ in column.top)


def _parts(name: str) -> list[str]:
    """The words of a name: "SalePrice" and "sale_price" -> ["sale", "price"]."""
    return re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())
