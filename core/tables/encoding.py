"""In which encoding a text file was written: by its mark, by what it decodes to, or as a guess that says so."""

import codecs
import re
from dataclasses import dataclass

from core.catalog.text_files import ENCODINGS
from core.tables.encoding_scripts import script_of
from core.tables.errors import TableError

_SAMPLE = 1 << 18
_PIECE = 1 << 18  # Bytes that are decoded together.
# The longer mark first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DISGUISES = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"ARROW1", "a Feather file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x01"))  # \x01 parts the columns of Hive.
# Zeros that do not pad the end of a cell: pandas, whose strings end there, would lose what follows.
_ZERO_WITHIN = re.compile(rb'\0[\0 ]*+(?=[^,;\t|"\r\n\x01])')
_PLAIN, _TIMES = 0.05, 3  # Of UTF-16 text so many signs are of ASCII, and so many times more than with bytes swapped.
_WESTERN = ("cp1252", "cp850", "mac-roman")
_WESTERN_LETTERS = frozenset(
    letter
    for small in "\u00e0\u00e1\u00e2\u00e3\u00e4\u00e5\u00e6\u00e7\u00e8\u00e9\u00ea\u00eb\u00ec\u00ed\u00ee\u00ef"
    "\u00f0\u00f1\u00f2\u00f3\u00f4\u00f5\u00f6\u00f8\u00f9\u00fa\u00fb\u00fc\u00fd\u00fe\u00df\u0153"
    for letter in (small, small.upper())
)
_BESIDE_WORDS = frozenset(
    "\u2026\u2122\u00ae\u00a9\u00b0\u00b2\u00b3\u00ba\u00aa\u00b5\u00a3\u20ac\u00a7\u00bd\u00bc\u00be"
)
_ENDING, _BEGINNING = re.compile(r"(?i:s|t|d|m|re|ve|ll)\b"), re.compile(r"(?:^|\W)\w{1,2}$")
_MOSTLY = 0.6  # Of the mean of -1 to 1 that `_fits_its_words` gives.
_ASCII = 0x7F
# Encoding, the letters with accents of a language that is written in it, and those that tell it from others (they are
# other signs in cp1252), of which so many different ones must be there.
_LANGUAGES = (
    (
        "cp1254",
        "\u00e7\u011f\u0131i\u0307\u00f6\u015f\u00fc\u00e2\u00ee\u00fb",
        "\u011f\u0131\u015f\u0130",
        1,
    ),  # Turkish.
    (
        "cp1250",
        "\u0105\u0107\u0119\u0142\u0144\u00f3\u015b\u017a\u017c",
        "\u0105\u0142\u015b\u017a\u017c",
        2,
    ),  # Polish.
    (
        "cp1250",
        "\u00e1\u010d\u010f\u00e9\u011b\u00ed\u0148\u00f3\u0159\u0161\u0165\u00fa\u016f\u00fd\u017e",
        "\u011b\u0159\u016f",
        2,
    ),  # Czech.
)


@dataclass(frozen=True)
class Encoding:
    """An encoding by Python's name, and whether it is a guess."""

    name: str
    guessed: bool = False


def encoding_of(name: str, content: bytes, given: str | None = None) -> Encoding:
    """The encoding of a text file. Raises TableError when it is no text, or not in the encoding that was given."""
    if given is not None:
        if not _decodes(content, given):
            raise TableError(f"{name} is not text in {ENCODINGS[given]} ({given}): choose another encoding.")
        return Encoding(given)
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            if not _decodes(content, encoding):
                raise TableError(
                    f"{name} begins like {encoding.upper()} text but is broken further on: save it again as CSV in "
                    "UTF-8."
                )
            return Encoding(encoding)
    disguise = next((what for magic, what in _DISGUISES if content.startswith(magic)), None)
    head = content[:_SAMPLE]
    if not disguise and (wide := _unmarked_utf16(content)):
        return Encoding(wide, guessed=True)
    if disguise or _ZERO_WITHIN.search(content) or _control_signs(head) > len(head) / 100:
        what = f"looks like {disguise}" if disguise else "holds bytes that are not text"
        raise TableError(
            f"{name} {what}, but its name says that it is a text table: save the table as CSV in "
            "UTF-8, or give the file the right extension."
        )
    if _decodes(content, "utf-8"):
        return Encoding("utf-8")
    guess = script_of(head) or _other_language(head) or _western(head)
    return Encoding(guess if _decodes(content, guess) else "latin-1", guessed=True)


def _control_signs(head: bytes) -> int:
    """How many signs are no text; zeros that fill up cells do not count."""
    head = head.replace(b"\0", b"")
    return len(head) - len(head.translate(None, _CONTROL))


def _unmarked_utf16(content: bytes) -> str:
    """UTF-16 without a mark, told by the signs of ASCII, as line ends and separators are; "" for other text."""
    head = content[: _SAMPLE & ~1]
    if len(content) % 2 or b"\0" not in head:
        return ""
    plain = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        text = head.decode(encoding, errors="replace")
        printed = sum(sign.isprintable() or sign in "\t\r\n\f" for sign in text)
        plain[encoding] = sum("\t" <= sign <= "~" for sign in text) if printed >= 0.98 * len(text) else 0
    best, other = sorted(plain, key=lambda encoding: -plain[encoding])
    told = plain[best] >= max(_PLAIN * len(head) / 2, _TIMES * plain[other])
    return best if plain[best] and told and _decodes(content, best) else ""


def padded_with_zeros(content: bytes, encoding: str) -> bool:
    """Whether cells of a text file are filled up with zero bytes, as programs with fields of fixed length do it."""
    return b"\0" in content and not encoding.startswith(("utf-16", "utf-32"))


def _other_language(head: bytes) -> str:
    """A guess at text whose accents are all those of one language; "" where they may be Western European."""
    for encoding, alphabet, telling, least in _LANGUAGES:
        letters = {letter for letter in head.decode(encoding, errors="replace") if letter >= "\u0080"}
        small = {part for letter in letters for part in letter.lower()}
        if small <= set(alphabet) and len((small | letters) & set(telling)) >= least:
            return encoding
    return ""


def _western(head: bytes) -> str:
    """The code page under which the bytes beyond ASCII are letters of Western Europe in their words: cp1252, unless
    more of them are out of place under it than fit and most fit under another one.
    """
    scores = {encoding: _fits_its_words(head.decode(encoding, errors="replace")) for encoding in _WESTERN}
    best = max(_WESTERN, key=lambda encoding: scores[encoding])  # The first of several.
    other = scores["cp1252"] < 0 or not _decodes(head, "cp1252")
    return best if scores[best] >= _MOSTLY and other else "cp1252"


def _fits_its_words(text: str) -> float:
    """The mean of `_fit` over the signs beyond ASCII."""
    found = [_fit(text, at) for at, sign in enumerate(text) if ord(sign) > _ASCII]
    return sum(found) / max(len(found), 1)


def _fit(text: str, at: int) -> int:
    """1 for a sign beyond ASCII that fits where it is: a letter into its word, an apostrophe, a dash between names, a
    quotation mark around a word, a unit behind its number; -1 for one that does not, 0 where there is no telling.
    """
    sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    inside, beside = before.isalpha() and after.isalpha(), before.isalnum() or after.isalnum()
    if sign == "\ufffd":  # No sign of this code page.
        return -1
    if sign.isupper() and before.islower():
        return -1
    if sign in _WESTERN_LETTERS:
        return 1 if before.isalpha() or after.isalpha() else 0
    if sign in "\u0161\u017e\u0160\u017d":  # Of names from elsewhere.
        return 0
    if sign in "\u2019\u00b4":  # Don't, O'Brien
        return int(inside and bool(_ENDING.match(text, at + 1) or _BEGINNING.search(text[max(at - 3, 0) : at])))
    if sign in "\u2013\u2014":  # Berlin-Hamburg
        return int(inside and (before.isupper() or after.isupper()))
    if inside:
        return -1
    if sign in _BESIDE_WORDS:
        return int(beside)
    opens, closes = sign in "\u201c\u201e\u2018\u201a\u00ab", sign in "\u201d\u201c\u00bb"
    return int((opens and after.isalpha()) or (closes and before.isalpha()))


def _decodes(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True
