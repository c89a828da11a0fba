"""Units that stand in the names of columns: "rent (€)", "weight [kg]", "price in EUR"."""

import re

from core.experiment.currencies import SIGNS, is_money
from core.tables.raw_cells import is_unit

_IN_BRACKETS = re.compile(r".*\w.*[(\[]\s*([^()\[\]]{1,12}?)\s*[)\]]")
# Without brackets only what is hardly a word: CAD and TRY are no money in "has CAD" and "FIRST_TRY", Fr is a day.
_OF_MONEY = re.compile(rf".*\w[\s,;_-]+({SIGNS}|USD|EUR|GBP|CHF|JPY|INR|CNY|usd|eur|gbp|chf)")
_LETTERS = frozenset("m g s h t l d K V W L N J")  # Others are rather names: "grade (A)", "group (c)".


def unit_in_name(name: str) -> str:
    """The unit at the end of a column's name: of "rent (€)" and "cost $" the sign of money, of "weight [kg]" "kg"; ""
    where none stands there. Percents are none: of a score, they would be taken for its share.
    """
    if found := _IN_BRACKETS.fullmatch(name.strip()):
        unit = found[1]
        known = unit in _LETTERS if len(unit) == 1 and unit.isalpha() else is_money(unit) or is_unit(unit)
        return unit if known and "%" not in unit and "‰" not in unit else ""
    found = _OF_MONEY.fullmatch(name.strip())
    return found[1].upper() if found else ""
