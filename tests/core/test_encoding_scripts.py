"""Text of other scripts that does not say its encoding is read in the one that it was written in, and Latin text with
single signs beside it is not taken for such a script.
"""

import pytest

from core.tables.encoding import encoding_of
from core.tables.encoding_scripts import script_of

TABLES = {
    "Japanese, kanji alone": ("氏名,年齢,住所", "山田太郎,20,東京都千代田区", ("cp932", "euc-jp")),
    "Japanese bank": ("日付,摘要,支払金額,差引残高", "2023/1/5,振込,1200,7000", ("cp932", "euc-jp")),
    "Japanese shop": ("商品名,カテゴリー,単価（円）", "ノートパソコン,家電,98000", ("cp932", "euc-jp")),
    "Japanese, narrow": ("ｺｰﾄﾞ,名称,金額", "ｱｲｳ,株式会社ﾃｽﾄ,3", ("cp932",)),
    "Chinese": ("姓名,年龄,城市", "张三,20,北京市", ("gb18030",)),
    "Chinese shop": ("日期,销售额,门店", "2023/1/5,20,上海徐汇店", ("gb18030",)),
    "Chinese, traditional": ("姓名,年齡,城市", "王小明,20,臺北市", ("big5",)),
    "Korean": ("날짜,매출액,지점", "2023-01-05,20,강남점 서울특별시", ("cp949",)),
    "Russian": ("Имя,Возраст,Город", "Иван,20,Москва", ("cp1251", "koi8-r", "cp866")),
    "Russian capitals": ("ДАТА,СУММА", "1,20", ("cp1251", "koi8-r", "cp866")),
    "Ukrainian": ("Ім'я,Місто", "Іван,Київ", ("cp1251",)),
    "Greek": ("Όνομα,Ηλικία", "Γιώργος,20", ("cp1253",)),
    "Greek capitals": ("ΗΜΕΡΟΜΗΝΙΑ,ΠΟΣΟ", "1,20", ("cp1253",)),
    "Hebrew": ("תאריך,סכום,עיר", "1,2,תל אביב ירושלים חיפה", ("cp1255",)),
    "Arabic": ("الاسم,العمر", "محمد,20", ("cp1256",)),
    "Thai": ("ชื่อ,อายุ", "สมชาย,20", ("cp874",)),
}


@pytest.mark.parametrize(("case", "encoding"), [(case, one) for case in TABLES for one in TABLES[case][2]])
def test_a_script_is_read_in_its_encoding(case, encoding):
    names, row, _ = TABLES[case]
    text = "\n".join([names, *[row] * 20])
    guess = encoding_of("a.csv", text.encode(encoding))
    assert guess.guessed
    assert text.encode(encoding).decode(guess.name) == text


@pytest.mark.parametrize("cell", ["20 €", "£20", "20°", "Österreich", "don\u2019t", "\u201cHello\u201d", "cœur", "Ü"])
def test_single_signs_of_latin_text_are_no_script(cell):
    written = "\n".join(["name,value", *[f"x,{cell}"] * 20]).encode("cp1252")
    assert encoding_of("a.csv", written).name == "cp1252"


def test_dos_text_with_bytes_that_windows_does_not_know():
    text = "\n".join(["Größe,Straße", *["groß,Münchner Straße"] * 20])
    assert text.encode("cp850").decode(encoding_of("a.csv", text.encode("cp850")).name) == text


@pytest.mark.parametrize(
    "text",
    [
        "c0\tc1\nÖl a\t89\nx Öl a\t20\n",  # In GB 18030 "Öl" is one rare sign.
        "c0;c1;c2\nx ÅR a;x ÖL ÅR;66\nx ÖL a;ÖL;51\n",
        "c0;c1;c2\nâge a;x çà;63\nçà çà;x âge;2\nçà;âge çà;79\n",
        "c0,c1\nçà,30\nx crédit a,39\nçà a,36\ncrédit çà,75\nçà,49\nçà,95\n",
    ],
)
def test_few_western_words_are_no_other_script(text):
    assert script_of(text.encode("cp1252")) == ""
