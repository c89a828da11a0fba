"""How a text file may be written: its encodings, separators and marks in numbers, in the order the page offers them.
One row adds one.
"""

ENCODINGS: dict[str, str] = {  # Python's name -> for whom.
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16, little-endian without a mark",
    "utf-16-be": "UTF-16, big-endian without a mark",
    "utf-32": "UTF-32",
    "cp1252": "Western European (Windows)",
    "latin-1": "Western European (ISO 8859-1)",
    "iso8859-15": "Western European with the euro sign (ISO 8859-15)",
    "mac-roman": "Western European (old Macintosh)",
    "cp850": "Western European (DOS)",
    "cp437": "United States (DOS)",
    "cp1250": "Central European (Windows)",
    "iso8859-2": "Central European (ISO 8859-2)",
    "cp852": "Central European (DOS)",
    "cp1251": "Cyrillic (Windows)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "cp866": "Cyrillic (DOS)",
    "cp1253": "Greek (Windows)",
    "cp1254": "Turkish (Windows)",
    "cp1255": "Hebrew (Windows)",
    "cp1256": "Arabic (Windows)",
    "cp1257": "Baltic (Windows)",
    "cp1258": "Vietnamese (Windows)",
    "cp874": "Thai (Windows)",
    "cp932": "Japanese (Shift JIS)",
    "euc-jp": "Japanese (EUC)",
    "gb18030": "Chinese, simplified (GB 18030)",
    "big5": "Chinese, traditional (Big5)",
    "cp949": "Korean (Windows)",
}

WHITE_SPACE, WIDE_SPACE, FIXED_WIDTH = "white space", "two or more spaces", "fixed width"
DOUBLE = ("::", "||")  # Separators of two signs.
SEPARATORS: dict[str, str] = {  # Sign between two cells -> its name in a sentence; the first four are looked for first.
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    WHITE_SPACE: "white space",
    WIDE_SPACE: "two or more spaces",
    FIXED_WIDTH: "their places in the lines (fixed width)",
    ":": "colons",
    "::": "two colons",
    "||": "two vertical bars",
    "~": "tildes",
    "^": "carets",
    "\x01": "the control character A (Hive)",
}

DOUBLED, BACKSLASH, SINGLE = "doubled", "backslash", "single"
QUOTES: dict[str, str] = {  # Around text and within it.
    DOUBLED: 'doubled: ""',
    BACKSLASH: 'behind a backslash: \\"',
    SINGLE: "single ones: 'text'",
}

DECIMALS: dict[str, str] = {".": "point", ",": "comma"}
THOUSANDS: dict[str, str] = {
    ",": "comma",
    ".": "point",
    " ": "space",
    "\u00a0": "no-break space",
    "\u202f": "narrow no-break space",
    "\u2009": "thin space",
    "'": "apostrophe",
    "\u2019": "typographic apostrophe",
    "_": "underscore",
}
