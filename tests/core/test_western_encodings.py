"""Text of Western Europe that does not say its encoding is read in the one that it was written in."""

import pytest

from core.tables.encoding import encoding_of

SENTENCES = {
    "German": ["Größe", "Käufer aus Köln", "Übermäßig süß", "Zürich", "schöne Grüße", "ÄRGER"],
    "French": ["déjà vu", "l\u2019été à Besançon", "forêt", "où est-ce", "naïve", "élève", "l'école"],
    "Spanish": ["mañana", "José pidió café", "jamón", "Málaga", "¿dónde?", "pingüino"],
    "Portuguese": ["São Paulo", "ação", "três pães", "coração", "não há", "avó"],
    "Danish": ["København", "Århus", "blå æble", "smørrebrød", "Ærø", "gård"],
    "one word": ["Zürich"],
}


def content(language: str, encoding: str) -> bytes:
    """A file of a column of words; what the encoding has no letter for is left out."""
    lines = ["place,y", *(f"{word},{at}" for at, word in enumerate(SENTENCES[language] * 20))]
    return "\n".join(lines).encode(encoding, errors="ignore")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "cp850", "mac-roman"])
@pytest.mark.parametrize("language", SENTENCES)
def test_western_european_text_is_read_in_its_encoding(language, encoding):
    written = content(language, encoding)
    guess = encoding_of("a.csv", written)
    assert written.decode(guess.name) == written.decode(encoding)
    assert guess.guessed == (encoding != "utf-8")


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1251", "Москва,Санкт-Петербург,Казань"),
        ("koi8-r", "Москва,Санкт-Петербург,Казань"),
        ("cp1250", "łódź,święto,żółty,pięć"),
        ("cp1254", "\u0130stanbul,\u0131\u011fd\u0131r,\u00e7i\u011f,\u015fehir"),
        ("cp1252", "é,€,“ß”,„Tür“,ok"),
        ("cp1252", "12 m²,3 €,50 °C,± 5,“quoted”"),
        ("cp1252", "Við Føroya,Þjóð,æði"),
        # Signs that are letters in other code pages, each alone and together.
        ("cp1252", "I don\u2019t know,it\u2019s fine"),
        ("cp1252", "O\u2019Brien,D\u2019Angelo"),
        ("cp1252", "aujourd\u2019hui"),
        ("cp1252", "Berlin\u2013Hamburg,Mon\u2013Fri"),
        ("cp1252", "cost\u2013benefit,pay\u2014then"),
        ("cp1252", "etc\u2026,and so on\u2026"),
        ("cp1252", "IBM\u2122,SAP\u2122,BRAND®"),
        ("cp1252", "Dicke (µm)"),
        ("cp1252", "Revenue £m,£k"),
        ("cp1252", "k€,Umsatz €k"),
        ("cp1252", "n°,1º,2ª,Tomáš,Žižek,Škoda"),
        ("cp1252", "don\u2019t,\u201cquoted\u201d,Mon\u2013Fri,etc\u2026,IBM\u2122,5 µm,£m,30°C,café"),
    ],
)
def test_other_texts_are_read_as_before(encoding, words):
    written = ("\n".join(["a", *words.split(",")]) + "\n").encode(encoding)
    guess = encoding_of("a.csv", written)
    assert written.decode(guess.name) == written.decode(encoding)
