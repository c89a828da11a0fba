"""What a cell of a raw grid looks like, before anything is known of its column: blank, a value, a mark of absence, or
words.
"""

import re
import statistics
import string
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from core.experiment.currencies import CODES, SHORT, SIGNS

Look = Literal["", "value", "absent", "words"]
Cells = Sequence[Any]

_MONTH = r"(?:jan|feb|mar|m[aä]r|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]{0,6}\.?"
# Begins with a digit behind signs, and ends with a digit or a short unit: -1.234,5 12 % 31.2 kg 2024-01-31T10:30Z 45.1K
_DASHES = "\\-\u2212\u2013"
_VALUE = re.compile(
    rf"[<>~=\u2264\u2265]{{0,2}}\s*[(+{_DASHES}]*\s*(?:{SIGNS}|%|{CODES}|(?:{SHORT})[. ])?\s*[(+{_DASHES}]*[.,]?\d"
    rf"(?:[\d\s.,'\u2019:/+{_DASHES}_]|e[+-]?(?=\d)|(?<=\d)T(?=\d))*"
    r"(?:\s?(?:[AP]M|Z|UTC|GMT|%|[$€£¥₹]|°?[A-Zµμ\u03a9]{1,3}(?:/[A-Z]{1,3})?[²³23]?))?\s*-?\)?",
    re.IGNORECASE,
)
_NAMED_DATE = re.compile(
    rf"(?:[a-z]{{3,9}},?\s+)?(?:{_MONTH}\s*\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th|\.)?[\s\-/]*{_MONTH})\.?,?[\s\-/']*\d{{2,4}}"
    r"(?:[\sT,]+\d{1,2}:\d{2}.*)?",
    re.IGNORECASE,
)
PLAIN_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,29})?")  # What most values are, matched at once.
_TRUTHS = {"true", "false"}
_ABSENT_WORDS = (
    "na n/a n.a. n.a #n/a nan -nan null none nil - -- --- \u2013 \u2014 ? ?? . .. ... * tbc tbd tba missing unknown "
    "n/k k.a. inf -inf infinity -infinity <na> #ref! #div/0! #value! #name? #num!"
)
# The last ones are Eurostat's.
ABSENT: frozenset[str] = frozenset([*_ABSENT_WORDS.split(), ":", ": c", ": u", ": z", ": n"])
# Of Stata (.a to .z), SPSS and databases, and in words.
ABSENT |= {*(f".{letter}" for letter in string.ascii_lowercase), "#null!", "(null)", "[null]", "<null>", "\\n", "#nv"}
ABSENT |= {"n/d", "s/d", "k. a.", "not available", "not applicable", "no data", "keine angabe", "sin dato", "sin datos"}
_LONGEST_VALUE = 60  # Characters; what is longer is words.


def look(cell: Any) -> Look:
    """What a cell looks like; cells of a workbook that are no text are values."""
    if cell is None or cell == "":
        return ""
    if not isinstance(cell, str) or PLAIN_NUMBER.fullmatch(cell):
        return "value"
    text = cell.strip()
    if not text:
        return ""
    if len(text) > _LONGEST_VALUE:
        return "words"
    if text.lower() in ABSENT:
        return "absent"
    if text.lower() in _TRUTHS or _VALUE.fullmatch(text) or _NAMED_DATE.fullmatch(text):
        return "value"
    return "words"


def blank(cell: Any) -> bool:
    """Whether nothing stands in a cell but white space."""
    return cell is None or cell == "" or (isinstance(cell, str) and cell.isspace())


def is_blank_row(cells: Cells) -> bool:
    """Whether all cells of a row are blank."""
    return all(map(blank, cells))


def is_lone(cells: Cells) -> bool:
    """Whether one cell of a row is not blank, and only one."""
    first = next((place for place, cell in enumerate(cells) if not blank(cell)), -1)
    return first >= 0 and all(map(blank, cells[first + 1 :]))


def filled(cells: Cells) -> int:
    """How many cells of a row are not blank."""
    return len(cells) - sum(map(blank, cells))


def text_of(cell: Any) -> str:
    """A cell as a name: trimmed text, a whole number without ".0", a date without its midnight."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if hasattr(cell, "strftime") and hasattr(cell, "year"):
        text = cell.isoformat(sep=" ") if hasattr(cell, "hour") else cell.isoformat()
        return text.removesuffix(" 00:00:00")
    return str(cell).strip()


_UNIT_NAMES = (
    "% ‰ ppm ppb kg g mg µg μg ug lb lbs oz t km m cm mm µm μm nm in ft yd mi mile miles l ml dl cl gal s sec secs "
    "second seconds ms µs us min mins minute minutes h hr hrs hour hours d day days week weeks month months yr yrs "
    "year years a j kj mj gj cal kcal w kw mw gw wh kwh mwh v mv kv ma ka hz khz mhz ghz pa hpa kpa mpa gpa bar mbar "
    "psi atm n kn nm k c f degc degf deg °c °f ° celsius fahrenheit kelvin rad rpm mol mmol umol mm/h mm/hr km/h mph "
    "kmh m/s usd eur gbp chf jpy cny $ € £ ¥ k$ k€ m€ m$ dollars euro euros m2 m3 m² m³ km2 km² ft2 sqft sqm ha acre "
    "acres pcs pieces px db dba lux lx lm cd ohm ω kohm pf nf uf bit byte kb mb gb tb [-] (-)"
)
_UNIT_WORDS = frozenset(_UNIT_NAMES.split())
_BRACKETED = re.compile(r"[\[(][^\])]{1,14}[\])]")
_COMPOUND = re.compile(
    r"[A-Za-zµμΩ°%$€£]{1,6}(?:[²³]|\^?-?[1-3])?(?:[/·*. ][A-Za-zµμΩ°]{1,6}(?:[²³]|\^?-?[1-3])?){1,3}"
)


def is_unit(text: str) -> bool:
    """Whether a text is a unit as it stands below a column's name: "kg", "[m/s]", "degC"."""
    text = text.strip()
    if text.lower() in ABSENT:
        return False
    if text.lower() in _UNIT_WORDS or _BRACKETED.fullmatch(text):
        return True
    return len(text) <= 12 and bool(_COMPOUND.fullmatch(text)) and any(sign in text for sign in "/·*^²³°%")


# Among them what spreadsheets call the last row of a pivot table in their languages.
_TOTAL = re.compile(
    r"(?:grand[\s-]*|sub[\s-]*|running\s+|overall\s+)?(?:totals?|sums?|summe|gesamt(?:summe|ergebnis)?|ergebnis|"
    r"zwischensumme|insgesamt|totale?s?|total[\s-]+g[eé]n[eé]ral|total\s+geral|somme|suma|(?:eind|sub)?totaal|итого|"
    r"всего|общий\s+итог|合計|总计|totaux|totale?\s+(?:complessivo|generale|generaal)|totalsum(?:ma)?|hovedtotal|"
    r"kokonaissumma|summa|endsumme|gesamtbetrag|suma\s+\w+|razem|og[oó][lł]em|celkem|celkov[yý]\s+sou[cč]et|spolu|"
    r"[oö]sszesen|v[eé]g[oö]sszeg|(?:genel\s+)?toplam|totalt|i\s?alt|yhteens[aä]|ukupno|skupaj|разом|σύνολο|合计|小计|"
    r"小計|总和|總計|総計|합계|총합계|총계|소계|المجموع|الإجمالي|סה\"כ)\s*:?",
    re.IGNORECASE,
)
# In ASCII, each label of totals and of means has one of them.
TOTAL_STEMS = tuple(
    (
        b"tota|sum|somm|gesamt|ergebnis|average|avg|mittel|durchschn|moyenn|promedio|razem|ogolem|celk|spolu|"
        b"sszesen|sszeg|toplam|i alt|ialt|yhteens|ukupno|skupaj"
    ).split(b"|")
)
_GROUP_TOTAL = re.compile(
    r"(?:(?:total|sum|summe|subtotal|totaal|suma)\b[\s:]*.{1,40}|"
    r".{1,40}\s(?:total|sum|subtotal|summe|ergebnis|totale|suma|toplam))\s*:?",
    re.I,
)
_SUMMARY = re.compile(
    r"(?:(?:19|20)\d\d\s+)?"
    r"(?:average|mean|avg\.?|mittelwert|durchschnitt|moyenne|media|promedio|median|min\.?|minimum|max\.?|maximum|"
    r"(?:closing|ending|final) balance|(?:end|schluss)saldo|saldo final|solde final|saldo finale|saldo ko\u0144cowe|"
    r"count|anzahl|std\.?|std?\.?\s?dev(?:iation|\.)?|standard deviation|standardabweichung|variance|varianz)\s*:?",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(
    r"(?:\*|†|‡|[¹²³]|\x1a|\(?\d?\)?\s*(?:source|sources|note|notes|footnote|quelle|anmerkung|fuente|nota|data|as of|"
    r"stand|generated|created|prepared|exported|printed|report|copyright|last updat|updated|disclaimer|end of|page|"
    r"all rights|legend|see|"
    r"figures|excluding|including)\b|©|\(c\)|https?://|www\.|\(?[\d,.]+ rows?\b|rows?:|total rows|<?eof|"
    r"n ?= ?\d[\d,.]*$)",
    re.IGNORECASE,
)


@lru_cache(1 << 16)
def total_label(cell: Any) -> str:
    """ "total" of the label of a row of totals, "group" of what may be one ("East total"), "summary" of a mean or
    count, else "".
    """
    if not isinstance(cell, str) or not (text := cell.strip()):
        return ""
    if _TOTAL.fullmatch(text):
        return "total"
    if _SUMMARY.fullmatch(text):
        return "summary"
    return "group" if _GROUP_TOTAL.fullmatch(text) else ""


def is_footnote(text: str) -> bool:
    """Whether a text begins as a note below a table does."""
    return bool(_FOOTNOTE.match(text.strip()))


_PAGES = (
    r"page|seite|blatt|p\u00e1gina|pagina|pag\.|strona|str\.|side|sida|sivu|sayfa|oldal|"
    r"\u0441\u0442\u0440\u0430\u043d\u0438\u0446\u0430|\u0441\u0442\u0440\."
)
_REMARK = re.compile(rf"(?:#|//|--)\s*[^\W\d]|(?:{_PAGES})\s*\d+\b", re.IGNORECASE)
_PAGE = re.compile(rf"(?:{_PAGES}):? *\d+(?: *(?:of|von|de|di|/|z|\u0438\u0437) *\d+)?", re.IGNORECASE)
_CARRIED = re.compile(
    r"(?:(?:balance |total |amount )?(?:carried|brought) (?:forward|over|down)|[cb]/[fd]|"
    r"(?:zwischen)?\u00fcbertrag|"
    r"(?:montant )?(?:\u00e0 reporter|report[\u00e9e])|a riportare|riporto|suma y sigue|suma anterior|a transportar|"
    r"do przeniesienia|z przeniesienia)\s*:?",
    re.IGNORECASE,
)
# How such rows begin, in ASCII.
REMARK_STARTS: tuple[str, ...] = (
    *("Page", "page", "PAGE", "Seite", "Blatt", "Pagina", "Strona", "Side", "Sida", "Carried", "Brought", "Balance"),
    *("CARRIED", "BROUGHT", "carried", "brought", "C/F", "B/F", "c/f", "b/f", "Report", "Suma", "Riporto"),
)


def is_remark(cell: Any) -> bool:
    """Whether the only cell of a row is a note about the rows: a comment, the number of a page, a source."""
    return isinstance(cell, str) and bool(_REMARK.match(cell.strip()) or _FOOTNOTE.match(cell.strip()))


def is_page_break(cells: Cells, width: int) -> bool:
    """Whether a row of a printed table of so many columns is the number of a page in several cells, or what is carried
    to the next page, other cells being blank: Page,1 or Carried forward,,1200.
    """
    texts = [text_of(cell) for cell in cells if not blank(cell)]
    if not 1 < len(texts) < width:
        return False
    if _PAGE.fullmatch(" ".join(texts)):
        return True
    words = [text for text in texts if look(text) == "words"]
    return len(words) == 1 and bool(_CARRIED.fullmatch(words[0]))


_RULES = frozenset(":-=_+|")


def is_rule(cells: Cells) -> bool:
    """Whether a row is only a line drawn with signs: -----, ====, |:---|---:|, |-|:-:|."""
    first = next((cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()), "")
    if first[:1] not in _RULES:
        return False
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    if not texts or filled(cells) != len(texts):
        return False
    drawn = all(re.fullmatch(r":?[-=_+]{3,}:?", text) for text in texts)
    return drawn or (any(":" in text for text in texts) and all(re.fullmatch(r":?-+:?", text) for text in texts))


def is_marked(header: Cells, body: Sequence[Cells]) -> bool:
    """Whether a row of names begins with the sign of a comment, and has one cell more than most rows: "# x y"."""
    widths = [len(cells) for cells in body]
    marked = header[:1] in (["#"], ["%"], ["//"])
    return marked and bool(widths) and statistics.mode(widths) == len(header) - 1
