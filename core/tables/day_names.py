"""Names of months and of days of the week, in the languages of Europe and in Indonesian.

The printed program carries the source of the functions it needs.
"""

import re
import unicodedata


def month_of(word: str) -> int | None:
    """1 to 12 of a month's name or its first letters; None where it is none, or may be several."""
    names = (  # As `plain_letters` writes them.
        "january januar januari janner janvier enero gennaio janeiro jaanuar ianuarie gener ocak stycznia styczen "
        "января январь січня січень ιανουαριου ιανουαριος "
        "sausio يناير جانفي ינואר בינואר",
        "february februar februari fevrier febrero febbraio fevereiro veebruar februarie febrer subat lutego luty "
        "февраля февраль лютого лютии φεβρουαριου φεβρουαριος "
        "vasario فبراير فيفري פברואר בפברואר",
        "march marz mars marzo marco marts martie marcius maart mart maret marca marzec mrz mrt "
        "марта март березня березень μαρτιου μαρτιος "
        "kovo مارس מרץ במרץ",
        "april avril abril aprile aprill aprilie aprilis nisan kwietnia kwiecien апреля апрель квітня квітень απριλιου "
        "απριλιος "
        "balandzio ابريل افريل אפריל באפריל",
        "may mai maj mayo maggio maio maig mei majus mayis maja мая маи травня травень μαιου μαιος "
        "geguzes مايو ماي מאי במאי",
        "june juni juin junio giugno junho juuni iunie juny junius haziran czerwca czerwiec июня июнь червня червень "
        "ιουνιου ιουνιος "
        "birzelio يونيو جوان יוני ביוני",
        "july juli juillet julio luglio julho juuli iulie juliol julius temmuz lipca lipiec июля июль липня липень "
        "ιουλιου ιουλιος "
        "liepos يوليو جويلية יולי ביולי",
        "august augusti augustus aout agosto agost augusztus agustos agustus sierpnia sierpien августа август серпня "
        "серпень αυγουστου αυγουστος "
        "rugpjucio اغسطس اوت אוגוסט באוגוסט",
        "september septembre septiembre settembre setembro setembre septembrie szeptember eylul wrzesnia wrzesien "
        "сентября сентябрь вересня вересень σεπτεμβριου σεπτεμβριος "
        "rugsejo سبتمبر ספטמבר בספטמבר",
        "october oktober octobre octubre ottobre outubro oktoober octombrie ekim pazdziernika pazdziernik октября "
        "октябрь жовтня жовтень οκτωβριου οκτωβριος "
        "spalio اكتوبر אוקטובר באוקטובר",
        "november novembre noviembre novembro noiembrie kasim listopada listopad ноября ноябрь листопада листопад "
        "νοεμβριου νοεμβριος "
        "lapkricio نوفمبر נובמבר בנובמבר",
        "december dezember decembre diciembre dicembre dezembro desember desembre decembrie detsember aralik grudnia "
        "grudzien декабря декабрь грудня грудень δεκεμβριου δεκεμβριος "
        "gruodzio ديسمبر דצמבר בדצמבר",
    )
    # Finnish and Czech, whose first letters are those of other months elsewhere.
    whole = (
        "tammi leden ledna",
        "helmi unor unora",
        "maalis brezen brezna",
        "huhti duben dubna",
        "touko kveten kvetna",
        "kesa cerven cervna",
        "heina cervenec cervence",
        "elo srpen srpna",
        "syys zari",
        "loka rijen rijna",
        "marras listopadu",
        "joulu prosinec prosince",
    )
    plain = plain_letters(word)
    stem = plain.removesuffix("ta").removesuffix("kuu")
    for at, known in enumerate(whole, 1):
        if f" {plain} " in f" {known} " or (stem != plain and f" {stem} " in f" {known} "):
            return at
    found = [at for at, known in enumerate(names, 1) if f" {plain}" in f" {known}"]
    return found[0] if len(found) == 1 and len(plain) > 2 else None


def is_weekday(word: str) -> bool:
    """Whether a word is a day of the week, or its first letters."""
    names = (
        "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag "
        "sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado "
        "domingo lunedi martedi mercoledi giovedi venerdi sabato domenica segunda terca quarta quinta sexta maandag "
        "dinsdag woensdag donderdag vrijdag zaterdag zondag mandag tirsdag onsdag torsdag fredag lordag sondag tisdag "
        "pazartesi sali carsamba persembe cuma cumartesi pazar poniedzialek wtorek sroda czwartek piatek sobota "
        "niedziela понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс"
    )
    plain = plain_letters(word)
    return len(plain) > 1 and f" {plain}" in f" {names}"


def plain_quarter(text: str) -> str:
    """A quarter or a half of a year as "2021q3" or "2021h2", other text in small letters as it is: "q3 2021", "3q21",
    "q3'21", "t3 2021" and "3t2021" of Romance languages, "3. quartal 2021", "h2 2021", "2021-s2".
    """
    if not any(sign in text for sign in "qths\u043a"):
        return text
    words = r"quartal|quarter|trimestre|trim\.|kwarta\u0142|\u043a\u0432\.|\u043a\u0432\u0430\u0440\u0442\u0430\u043b"
    sign = rf"(q|t|h|s|\.? ?(?:{words}))"
    forms = (
        rf"(?P<year>\d{{4}})[ /-]?{sign}(?P<part>[1-4])",
        rf"{sign}(?P<part>[1-4]) ?[ /'\u2019-]? ?(?P<year>\d{{4}}|(?<=[ /'\u2019-])\d\d)",
        rf"(?P<part>[1-4]){sign}[ /'\u2019-]?(?P<year>\d{{4}}|\d\d)",
    )
    found = next((one for form in forms if (one := re.fullmatch(form, text))), None)
    if found is None:
        return text
    half = re.search("[hs]", text) is not None and re.fullmatch(r"[\dhs /'\u2019-]+", text) is not None
    if half and int(found["part"]) > 2:
        return text
    year = found["year"] if len(found["year"]) == 4 else f"20{found['year']}"
    return f"{year}{'h' if half else 'q'}{found['part']}"


def plain_letters(word: str) -> str:
    """A word in small letters without accents: "Mayıs" -> "mayis"."""
    others = {"\u0131": "i", "\u0142": "l", "\u00f8": "o"}
    letters = unicodedata.normalize("NFD", word.lower())
    return "".join(others.get(letter, letter) for letter in letters if not unicodedata.combining(letter))


def plain_moment(text: str) -> str:
    """A moment in small letters with am and pm as in English behind its clock, a year of a Japanese era as one of our
    calendar, and no day of the week in brackets: "2022/3/6 下午 3:00" -> "2022/3/6 3:00 pm", "5:38 p. m. gmt-5" ->
    "5:38 pm gmt-5", "令和4年7月13日" -> "2022年7月13日", "2023/03/12(日)" -> "2023/03/12".
    """
    if text.isascii():
        return re.sub(r"(?<=\d)\s*([ap])\.? m\b\.?", r" \1m", text) if " m" in text else text
    text = re.sub(r"(?<=\d)\s*([ap])\.?\s+m\b\.?", r" \1m", text)
    text = re.sub(r"(?<=[\d\u65e5])\s*[(]?[\u65e5\u6708\u706b\u6c34\u6728\u91d1\u571f][)]", "", text)
    first = {
        "\u4ee4\u548c": 2018,
        "\u5e73\u6210": 1988,
        "\u662d\u548c": 1925,
        "\u6c11\u570b": 1911,
        "\u6c11\u56fd": 1911,
    }
    if era := re.match(rf"({'|'.join(first)}) ?(\d{{1,3}}|\u5143)(?= ?\u5e74)", text):
        years = 1 if era[2] == "\u5143" else int(era[2])
        text = f"{first[era[1]] + years}{text[era.end() :]}"
    text = with_english_months(text)
    morning, evening = "\u4e0a\u5348|\u5348\u524d|\uc624\uc804", "\u4e0b\u5348|\u5348\u5f8c|\uc624\ud6c4"
    half = re.search(rf"\s*(?:({morning})|(?:{evening}))\s*(\d{{1,2}}:\d{{2}}(?::\d{{2}})?)", text)
    if half:
        text = f"{text[: half.start()]} {half[2]} {'am' if half[1] else 'pm'}{text[half.end() :]}"
    return text


def with_english_months(text: str) -> str:
    """A date with a month's name in Thai or Hindi, whose letters are more than signs of words, with an English one; one
    in Vietnamese as in ISO 8601.
    """
    thai = (
        ("\u0e21\u0e01\u0e23\u0e32\u0e04\u0e21", "\u0e21.\u0e04."),
        ("\u0e01\u0e38\u0e21\u0e20\u0e32\u0e1e\u0e31\u0e19\u0e18\u0e4c", "\u0e01.\u0e1e."),
        ("\u0e21\u0e35\u0e19\u0e32\u0e04\u0e21", "\u0e21\u0e35.\u0e04."),
        ("\u0e40\u0e21\u0e29\u0e32\u0e22\u0e19", "\u0e40\u0e21.\u0e22."),
        ("\u0e1e\u0e24\u0e29\u0e20\u0e32\u0e04\u0e21", "\u0e1e.\u0e04."),
        ("\u0e21\u0e34\u0e16\u0e38\u0e19\u0e32\u0e22\u0e19", "\u0e21\u0e34.\u0e22."),
        ("\u0e01\u0e23\u0e01\u0e0e\u0e32\u0e04\u0e21", "\u0e01.\u0e04."),
        ("\u0e2a\u0e34\u0e07\u0e2b\u0e32\u0e04\u0e21", "\u0e2a.\u0e04."),
        ("\u0e01\u0e31\u0e19\u0e22\u0e32\u0e22\u0e19", "\u0e01.\u0e22."),
        ("\u0e15\u0e38\u0e25\u0e32\u0e04\u0e21", "\u0e15.\u0e04."),
        ("\u0e1e\u0e24\u0e28\u0e08\u0e34\u0e01\u0e32\u0e22\u0e19", "\u0e1e.\u0e22."),
        ("\u0e18\u0e31\u0e19\u0e27\u0e32\u0e04\u0e21", "\u0e18.\u0e04."),
    )
    hindi = re.split(
        " ",
        "\u091c\u0928\u0935\u0930\u0940 \u092b\u093c?\u0930\u0935\u0930\u0940 \u092e\u093e\u0930\u094d\u091a "
        "\u0905\u092a\u094d\u0930\u0948\u0932 \u092e\u0908 \u091c\u0942\u0928 \u091c\u0941\u0932\u093e\u0908 "
        "\u0905\u0917\u0938\u094d\u0924 \u0938\u093f\u0924(?:\u0902|\u092e\u094d)\u092c\u0930 "
        "\u0905\u0915\u094d(?:\u091f\u0942|\u0924\u0942)\u092c\u0930 \u0928\u0935(?:\u0902|\u092e\u094d)\u092c\u0930 "
        "\u0926\u093f\u0938(?:\u0902|\u092e\u094d)\u092c\u0930",
    )
    english = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    if re.search("[\u0904-\u0939\u0e01-\u0e4e]", text):
        for (name, short), of_hindi, month in zip(thai, hindi, english, strict=True):
            text = re.sub(rf"\s*(?:{name}|{re.escape(short)}|{of_hindi})\s*", f" {month} ", text)
    return re.sub(
        r"^(?:ng\u00e0y )?(\d{1,2}) th\u00e1ng (\d{1,2})(?:,| n\u0103m) ?(\d{4})$",
        lambda day: f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}",
        text,
    )


def with_whole_year(text: str) -> str:
    """A date whose year of two digits stands first, with a whole year: "23/3/05 14:30" -> "2023-03-05 14:30"; all other
    text as it is. Years are those of POSIX, 69 to 99 of the twentieth century.
    """
    found = re.match(r"(\d\d)([-/.])(\d\d?)\2(\d\d?)(?!\d)", text)
    if found is None:
        return text
    return f"{19 + (found[1] < '69')}{found[1]}-{found[3]:0>2}-{found[4]:0>2}{text[found.end() :]}"
