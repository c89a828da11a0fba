"""One number as a person writes it, read by the marks of the training table: "12e3", "1.234,56", "($1,200)".

writing = number_writing(info)          how the training table's file writes its numbers, a JSON value
NumberText.of(writing, "price").value("612,125")
"""

import re
from dataclasses import dataclass
from typing import Any, Self

from core.experiment.columns import TableInfo
from core.tables.amounts import amount_parts
from core.tables.reading import number_form

_SCIENTIFIC = r"([eE][-+]?\d+)?"
_FORMS = {
    mark: re.compile(rf"[-+]?({number_form(groups, mark)}|{re.escape(mark)}\d+){_SCIENTIFIC}")
    for mark, groups in ((".", ","), (",", "."))
}
_SPACED = re.compile(r"\d{1,3}([\s'\u2019]\d{3})+([.,]\d+)?")  # 59 511 and 59'511
_LEAST, _MOST = -3e38, 3e38  # Of float32, the network's own numbers.


def number_writing(info: TableInfo) -> dict[str, Any]:
    """The marks of a table's numbers: those of its file, and of columns of amounts their own, with their units."""
    return {
        "decimal": info.options.get("decimal", "."),
        "thousands": info.options.get("thousands", ""),
        "amounts": info.amounts,
        "units": info.units,
    }


@dataclass(frozen=True)
class NumberText:
    """How the numbers of one column are written.

    Attributes:
        decimal: The mark before decimals, "." or ",".
        thousands: The mark between thousands, where the training table shows one, else "".
        unit: The sign of the column's amounts, "" where there is none.
        amounts: Whether the column holds amounts, whose brackets mean a minus.
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""
    amounts: bool = False

    @classmethod
    def of(cls, writing: dict[str, Any], column: str) -> Self:
        """Of a column of the training table; `writing` is as `number_writing` gives it, {} for a model that does not
        tell.
        """
        unit = writing.get("units", {}).get(column, "")
        if mark := writing.get("amounts", {}).get(column, ""):
            return cls(mark, "," if mark == "." else ".", unit, True)
        return cls(writing.get("decimal", "."), writing.get("thousands", ""), unit)

    def readings(self, text: str) -> list[float]:
        """The numbers that a text may mean: none, one, or two where a mark may stand before decimals or between
        thousands.

        Text that means two numbers means one where the training table's marks tell: "612,125" is 612.125 beside a
        decimal comma.
        """
        found = self._by_mark(text)
        if len(set(found.values())) < 2:
            return list(found.values())[:1]
        shown = "," if "," in text else "."
        if shown == self.decimal:
            return [found[shown]]
        return [found[self.decimal]] if shown == self.thousands else sorted(found.values())

    def _by_mark(self, text: str) -> dict[str, float]:
        """Decimal mark -> the number that a text then is."""
        sign, plain = self._without_unit(text.strip().replace("\u2212", "-"))
        found: dict[str, float] = {}
        for mark, form in _FORMS.items():
            if form.fullmatch(plain):
                value = sign * float(plain.replace("," if mark == "." else ".", "").replace(mark, "."))
                if _LEAST < value < _MOST:
                    found[mark] = value
        return found

    def shown_mark(self, text: str) -> str:
        """The decimal mark that a text leaves no doubt of: "," of "80,37", "." of "1,234.5", "" of "80" and of
        "612,125".
        """
        found = self._by_mark(text)
        return next(iter(found)) if len(found) == 1 else ""

    def _without_unit(self, text: str) -> tuple[int, str]:
        """The sign, and the digits without unit and blanks; text that is no amount of this column's unit stays as it
        is.
        """
        parts = amount_parts(text)
        if (
            parts is None
            or not parts["digits"]
            or parts["unit"] not in ("", self.unit)
            or (text.startswith("(") and not self.amounts)
        ):
            return 1, text
        digits = re.sub(r"[\s'\u2019]", "", parts["digits"]) if _SPACED.fullmatch(parts["digits"]) else parts["digits"]
        before = re.split(r"\d", text, maxsplit=1)[0]
        return -1 if "(" in before or "-" in before else 1, digits

    def written(self, value: float) -> str:
        """A number as this column's are written: what `readings` reads back. 1234.5 -> "1234,5" beside a decimal
        comma.
        """
        text = str(int(value)) if value == round(value) and abs(value) < 2**53 else f"{value:.12g}"
        return text.replace(".", self.decimal)
