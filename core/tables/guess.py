"""What a column probably is, judged by its name and its different values. The person may always choose otherwise."""

import re

import numpy as np

from core.tables.cell_dates import number_days, number_way
from core.tables.cells import Cells

MOST_CLASSES = 1000
# words in the name of a column that only numbers its rows
_NAMES = {
    "id",
    "ids",
    "uuid",
    "guid",
    "index",
    "rowid",
    "rownames",
}
# Words in the name of a column of numbers that are dates: 20211005, or seconds since 1970.
_DATES = {"date", "dates", "datum", "day", "timestamp", "datetime", "time", "fecha", "jour", "created", "updated"}
_DATES |= {"month", "yearmonth", "yyyymm", "ym", "period", "monat", "periode", "mois", "mes"}
_DATES |= {"dob", "tag", "valuta"}
_WEEK = 7  # Days.
_STAMPS = {"ts", "epoch", "unix", "unixtime"}  # Of dates where they span a week: a shorter time has only its length.
_NO_DATE = {"candidate", "mandate", "update", "validate", "estimate"}
_DATE_ENDS = ("date", "datum", "timestamp", "datetime")
# Ways of writing dates that numbers do not have by chance -> of how many different ones.
_SURE_WAYS = {"YYYYMMDD": 5, "YYYYMMDDHHMMSS": 5, "YYYYMM": 12}
_SURE_DAYS = (-25_567, 47_846)  # 1900 to 2100, in days since 1970-01-01.
_LAST_DAY = 2_932_896  # 9999-12-31, which stands for no end.
_LIKELY_DAYS = (-18_262, 47_846)  # From 1920 on.
# Words of names whose numbers only tell rows apart, where nearly all of them differ.
_TELEPHONES = {"phone", "telephone", "telefon", "tel", "mobile", "handy", "fax"}
_SERIAL = set(_TELEPHONES)
_SERIAL |= {"no", "nr", "num", "key", "serial", "ref", "reference", "invoice", "ticket", "booking", "flight", "barcode"}
_SERIAL |= {"ean", "isbn", "upc", "gtin", "ssn", "imei", "iban", "sku", "beleg"}
_PHONES = _TELEPHONES | {"telefono", "telefone"}
_LEAST_PHONE = 100_000
_NUMBER_ENDS = ("number", "nummer", "numero", "n\u00famero", "num\u00e9ro", "nr", "#", "n\u00b0", "n\u00ba")
_AMOUNTS = {
    "total",
    "average",
    "avg",
    "mean",
    "max",
    "min",
    "count",
    "of",
}  # No "order number", but numbers of something.
_OWNERS = (
    "user|cust|customer|client|patient|emp|employee|order|product|item|trans|transaction|acct|account|session|device"
)
_OWNERS += "|member|policy|student|p|case|record|row|obs|sample|subject|ticket|invoice|bill|booking|store|shop|loan"
_COMPACT = re.compile(rf"({_OWNERS})(id|idnum|num|no|nr|key|number)")
_CODES = {"zip", "zipcode", "postcode", "postal", "plz", "code"}
_FIRST_DAY = -25_567  # 1900-01-01 in days since 1970-01-01.
_CLASS_ROWS = 10  # From which on two whole numbers of a target are two classes.
_ENOUGH = 20  # rows; in fewer, that all values differ means nothing


def guess(name: str, cells: Cells) -> tuple[str, str | None, str | None]:
    """Kind as a feature, kind as a target (None: can't be predicted), and why it is left out at first (None: it
    isn't).
    """
    kind = _kind(name, cells)
    left_out = _left_out(name, kind, cells)
    if kind == "category" and left_out in ("free text", "identifier") and _is_sentences(cells):
        kind = "text"
    elif left_out == "free text":
        left_out = "too many values"
    return kind, _target_kind(kind, left_out, cells), left_out


def _kind(name: str, cells: Cells) -> str:
    if cells.sort == "text" or (cells.named and cells.sort != "bool"):
        return "category"
    if cells.sort == "date":
        return "date"
    if cells.sort == "bool" or (cells.distinct == 2 and cells.low == 0 and cells.high == 1):
        return "boolean"
    if _is_date(name, cells):
        return "date"
    if cells.sort == "int" and cells.distinct > 1 and cells.low >= 0 and _is_code(name, cells):
        return "code"
    return "number"


def _is_date(name: str, cells: Cells) -> bool:
    """Whether a name says that numbers are dates, and all of them may be some; or whether they are written so, as
    20211005, that they can hardly be anything else.
    """
    if cells.sort not in ("int", "float") or not cells.present:
        return False
    words = _words(name)
    named = names_dates(name) or bool(words & _STAMPS)
    way = number_way(cells.values.astype(float))
    if way in (None, "years") or not (named or cells.distinct >= _SURE_WAYS.get(way, cells.rows + 1)):
        return False
    days = number_days(cells.values.astype(float), way)
    if not np.isfinite(days).all() or (days < _FIRST_DAY).any():
        return False
    if words & _STAMPS and not words & _DATES and np.ptp(days) < _WEEK:
        return False
    if not named and _numbers_rows(name):
        return False
    low, high = _SURE_DAYS if not named else _LIKELY_DAYS
    narrow = not named or way == "Excel serials" or cells.sort == "float"
    return not narrow or bool((((days >= low) & (days < high)) | (days == _LAST_DAY)).all())


def names_dates(name: str) -> bool:
    """Whether a name says that a column holds dates: "visit_date", "Datum"."""
    words = _words(name)
    return bool(words & _DATES) or any(word.endswith(_DATE_ENDS) for word in words - _NO_DATE)


def _is_code(name: str, cells: Cells) -> bool:
    words = _words(name)
    if words & (_CODES | {"flight"}) or (len(words) > 1 and "id" in words):
        return True
    # Five digits each, values that return, and ends as often uneven as chance has it: zip codes. Wages end in 0.
    five_digits = cells.low >= 10_000 and cells.high <= 99_999 and cells.distinct > 1
    return five_digits and cells.distinct * 2 <= cells.present and float((cells.values % 10 == 0).mean()) < 0.25


def _left_out(name: str, kind: str, cells: Cells) -> str | None:
    if cells.present == 0:
        return "all missing"
    if cells.distinct == 1 and not (
        cells.sort == "text" and cells.present < cells.rows
    ):  # "x" or nothing is yes or no.
        return "constant"
    if _is_identifier(name, cells):
        return "identifier"
    if kind == "category" and (
        cells.distinct > MOST_CLASSES or (cells.distinct > 50 and cells.distinct * 2 > cells.present)
    ):
        return "free text"
    if kind == "code" and cells.distinct > MOST_CLASSES:
        return "too many values"
    return None


def _is_identifier(name: str, cells: Cells) -> bool:
    whole, text = cells.sort == "int", cells.sort == "text"
    if (whole or text) and cells.distinct == cells.rows and (_words(name) & _NAMES or name.startswith("Unnamed:")):
        return True
    if whole and cells.present and cells.low >= _LEAST_PHONE and _words(name) & _PHONES:
        return True
    if cells.present < _ENOUGH:
        return False
    if (whole or text) and cells.distinct >= 0.95 * cells.present and _numbers_rows(name):
        return True
    if whole:  # 1 to n in any order
        return cells.distinct == cells.rows == cells.high - cells.low + 1
    return text and cells.distinct >= 0.95 * cells.present and _mean_length(cells.values) <= 40


def names_codes(name: str) -> bool:
    """Whether a name says that numbers only name something: "zip", "postcode", "user_id", "phone"."""
    return (
        bool(_words(name) & (_CODES | _NAMES - {"index"} | _TELEPHONES | {"flight"}))
        or _COMPACT.fullmatch(name.lower()) is not None
    )


def _numbers_rows(name: str) -> bool:
    """Whether a name says that its cells only tell rows apart: "user_id", "pidnum", "OrderNo", "Kunden-Nr."."""
    words, plain = _words(name), name.lower().rstrip(". )")
    numbered = plain.endswith(_NUMBER_ENDS) and not words & _AMOUNTS
    return bool(words & (_NAMES | _SERIAL)) or numbered or _COMPACT.fullmatch(name.lower()) is not None


def _target_kind(kind: str, left_out: str | None, cells: Cells) -> str | None:
    if left_out in ("all missing", "constant", "free text") or kind in ("date", "text"):
        return None
    if kind == "category":
        return kind if left_out is None and cells.distinct > 1 else None
    if kind == "boolean":
        return kind
    if kind == "code":
        return kind if left_out is None else "number"
    two = cells.sort == "int" and cells.distinct == 2 and cells.present >= _CLASS_ROWS
    return "code" if two or _is_class_label(cells) else "number"


def _is_class_label(cells: Cells) -> bool:
    """Whole numbers from 0 or 1 on without a gap, few of them, and each often enough to be learned."""
    return (
        cells.sort == "int"
        and 2 <= cells.distinct <= 20
        and cells.low in (0, 1)
        and cells.high - cells.low + 1 == cells.distinct
        and cells.present >= 5 * cells.distinct
    )


def _is_sentences(cells: Cells) -> bool:
    """Whether its cells have several words each, of letters and not only of names and numbers."""
    return cells.sort == "text" and sum(len(str(cell).split()) for cell in cells.values) >= 3 * cells.distinct


def _words(name: str) -> set[str]:
    """The words of a name: "PassengerId", "passenger_id" and "Passenger-Id." -> {"passenger", "id"}."""
    return set(re.findall(r"[^\W_]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))


def _mean_length(words: np.ndarray) -> float:
    return sum(map(len, words)) / len(words)
