"""In which encoding a text of another script than the Latin one was written: a guess by the letters that come often in
its language.

    script_of("日付".encode("cp932")) -> "cp932"        "" for text of Latin letters with accents
"""

import re
from collections import Counter
from dataclasses import dataclass

_FEWEST = 2  # Signs beyond ASCII that a text must have.
_MOSTLY = 0.5  # Of the mean weight of these signs, which is at most 1.
_SAMPLE = 1 << 16
_OFTEN, _KNOWN, _NARROW, _RARE, _NONE = 1.0, 0.6, 0.4, 0.1, -1.0  # Weights of a sign.
_BESIDE_LATIN = "[A-Za-z][\u0080-\uffff]|[\u0080-\uffff][A-Za-z]"
_WITHIN = re.compile(_BESIDE_LATIN)
_MIXED = re.compile(_BESIDE_LATIN + "|(?<![\u0080-\uffff])[\u0080-\uffff](?![\u0080-\uffff])")
_ALONE = re.compile(
    "(?<![\u0080-\uffff])[\u0080-\uffff]{1,2}(?=[A-Za-z])|(?<=[A-Za-z])[\u0080-\uffff]{1,2}(?![\u0080-\uffff])"
)
_FLIPPED = re.compile("[\u0430-\u044f\u0451\u03ac-\u03ce][\u0410-\u042f\u0401\u0386-\u03ab]")
_BESIDE = frozenset("\u2116\u00ab\u00bb\u2013\u2014\u2026\u00b0\u20ac\u00a0\u2019\u201c\u201d\u201e\u00b2\u00b3\u00b1")


@dataclass(frozen=True)
class Script:
    """A script in one encoding.

    Attributes:
        encoding: Python's name.
        often: Its most frequent letters.
        letters: The ranges of all its letters.
        leads: The first bytes of its frequent letters, where a letter has two bytes.
        high: Whether their second bytes are beyond ASCII, too: of "Öl" in cp1252 the second one is a letter.
    """

    encoding: str
    often: frozenset[str]
    letters: tuple[tuple[str, str], ...]
    leads: range | None = None
    high: bool = False

    def weight(self, sign: str) -> float:
        """How well a sign beyond ASCII fits the script, from -1 to 1."""
        if sign in self.often:
            return _OFTEN
        known = any(low <= sign <= high for low, high in self.letters)
        if self.leads is None:
            return _KNOWN if known else 0.0 if sign in _BESIDE else _NONE
        if "\u3000" <= sign <= "\u3011" or "\uff01" <= sign <= "\uff5e" or sign in _BESIDE:
            return _KNOWN
        if "\uff66" <= sign <= "\uff9f":  # A byte of other encodings may be such a sign.
            return _NARROW
        lead, *rest = sign.encode(self.encoding, errors="replace")
        usual = lead in self.leads and (not self.high or rest[-1:] > [0xA0])
        return (_KNOWN if usual else _RARE) if known else _NONE

    def score(self, text: str) -> float:
        """The mean weight of the signs beyond ASCII; those that stand within Latin words are out of place."""
        counts = Counter(sign for sign in text if sign >= "\u0080")
        if counts.total() < _FEWEST:
            return _NONE
        misplaced = len((_MIXED if self.leads is None else _ALONE).findall(text)) + len(_FLIPPED.findall(text))
        if (
            self.leads is None
        ):  # A letter beside Latin ones weighs more than one that stands alone, as Russian words do.
            misplaced += len(_WITHIN.findall(text))
        return (sum(self.weight(sign) * often for sign, often in counts.items()) - misplaced) / counts.total()


_KANJI = (("\u4e00", "\u9fff"),)
_KANA = (("\u3041", "\u30fe"),)
_KANA_SIGNS = "".join(map(chr, range(0x3041, 0x30FF)))
_JAPANESE = frozenset(
    "日付月年時分曜氏名前姓金額数量価格単合計税込店舗都道府県市区町村住所電話性別男女齢番号注文商品分類備考東京大阪名古屋横浜会社株式"
    "支払振込残高摘要入出引手料円個人回本上下中小高新田山川木林中村藤原佐井北南西地国内外部課売在庫種顧客受注発送状態有無開始終了"
    + _KANA_SIGNS
)
_SIMPLIFIED = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自之过家学对可里后小心多天而能好都然没日于起还发成事只"
    "作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工者向"
    "情部正名定女问力机给等几很业最间新打便位因重被走电四第门相次东政海口使教西再平真世气信北少关并内加化由代产入先山五太水万市"
    "期时姓金额数量价格城省份址话性别男龄编号订单品类备注客户店销售张李王刘陈杨赵黄周吴徐孙京广州深圳区县路支付收款交易状态商"
)
_TRADITIONAL = frozenset(
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自之過家學對可里後小心多天而能好都然沒日於起還發成事只"
    "作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工者"
    "期時姓名金額數量價格城縣市址話性別男女齡編號訂單產品類備註客戶門店銷售張李王劉陳楊趙黃周吳臺北高雄中新竹桃園區路支付收款交易"
)
_KOREAN = frozenset(
    "이가다은는을의에하고지나사도일인시서기대구부수정한전주성명름번호금액년월소화별남여자로과와원제품상점매출고객주문날짜김박최강조윤장임울산광"
)
_RUSSIAN = frozenset("оеаинтсрвлкмдпуяОЕАИНТСРВЛКМДПУЯ")
_CYRILLIC = (
    ("\u0410", "\u044f"),
    ("\u0401", "\u0401"),
    ("\u0451", "\u0451"),
    ("\u0404", "\u0457"),
    ("\u0490", "\u0491"),
)
_GREEK = frozenset("αοιετσνηυρπκμλςωάέίόύήώΑΟΙΕΤΣΝΗΥΡΠΚΜΛΩ")
# Of equally good ones the first.
_SCRIPTS = (
    Script("cp932", _JAPANESE, (*_KANJI, *_KANA, ("\uff66", "\uff9f")), range(0x88, 0x98)),
    Script("gb18030", _SIMPLIFIED, _KANJI, range(0xB0, 0xD8), high=True),
    Script("euc-jp", _JAPANESE, (*_KANJI, *_KANA), range(0xB0, 0xD0)),
    Script("big5", _TRADITIONAL, _KANJI, range(0xA4, 0xC7)),
    Script("cp949", _KOREAN, (("\uac00", "\ud7a3"), *_KANJI), range(0xB0, 0xC9), high=True),
    Script("cp1251", _RUSSIAN, _CYRILLIC),
    Script("koi8-r", _RUSSIAN, _CYRILLIC),
    Script("cp866", _RUSSIAN, _CYRILLIC),
    Script("cp1253", _GREEK, (("\u0386", "\u03ce"),)),
    Script("cp1255", frozenset("יוהלאמרתבשנ"), (("\u05d0", "\u05ea"),)),
    Script("cp1256", frozenset("اليمنرتبودةعسف"), (("\u0621", "\u064a"),)),
    Script("cp874", frozenset("านรอกงมยลวดทสตะปบคหจพชขผ"), (("\u0e01", "\u0e4e"),)),
)


def script_of(head: bytes) -> str:
    """The encoding of the script that fits the beginning of a text best; "" where none fits."""
    sample = head[:_SAMPLE]
    sample = sample if sum(byte > 0x7F for byte in sample) >= _FEWEST else head
    best, best_score = "", _MOSTLY
    for script in _SCRIPTS:
        for cut in range(4):  # The sample may end inside a character.
            try:
                text = sample[: len(sample) - cut].decode(script.encoding)
            except UnicodeError:
                continue
            if (score := script.score(text)) > best_score:
                best, best_score = script.encoding, score
            break
    return best
