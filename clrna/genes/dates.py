"""Gene symbols that a spreadsheet turned into dates: SEPT2 into 2-Sep, MARCH3 into 3-Mar.

Ziemann, Eren and El-Osta (2016), Gene name errors are widespread in the scientific literature,
Genome Biology 17:177, doi:10.1186/s13059-016-1044-7.
"""

import re

# For each month of the year the beginnings of symbols that a spreadsheet reads as its name, longest first.
STEMS = {
    "jan": ("JAN",), "feb": ("FEB",), "mar": ("MARCH", "MARC"), "apr": ("APR",), "may": ("MAY",), "jun": ("JUN",),
    "jul": ("JUL",), "aug": ("AUG",), "sep": ("SEPT", "SEP"), "oct": ("OCT",), "nov": ("NOV",), "dec": ("DEC",),
}  # fmt: skip
_MONTHS = tuple(STEMS)

_NAME = (
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"(?:(?<=jan)uary|(?<=feb)ruary|(?<=mar)ch|(?<=apr)il|(?<=jun)e|(?<=jul)y|(?<=aug)ust|(?<=sep)t(?:ember)?"
    r"|(?<=oct)ober|(?<=nov)ember|(?<=dec)ember)?"
)
_DAY = r"0?(\d{1,2})"
_GAP = r"[-/. ]?"
_DAY_MONTH = re.compile(rf"{_DAY}{_GAP}{_NAME}(?:[-/. ]\d{{2,4}})?", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"{_NAME}{_GAP}{_DAY}", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-(\d{2})-(\d{2})(?:[ T]00:00:00)?")


def symbols_of_date(text: str) -> list[str]:
    """Return the symbols that a spreadsheet could have turned into this date, most often old ones.

    Parameters
    ----------
    text
        For example ``2-Sep``, ``Sep-02``, ``02-SEP``, ``SEP2``, ``MARCH01`` or ``2023-09-02``.

    Returns
    -------
    For example ``['SEPT2', 'SEP2']``; nothing where the text is no date. The symbols need not exist. A stem that is
    written out (``MARCH01``) leaves no doubt which one it is.
    """
    day, month = _day_and_month(text)
    stems = STEMS.get(month, ())
    written_out = [stem for stem in stems if len(stem) > len(month) and text.upper().startswith(stem)]
    return [f"{stem}{day}" for stem in written_out[:1] or stems] if day else []


def _day_and_month(text: str) -> tuple[int, str]:
    if found := _ISO.fullmatch(text):
        number = int(found[1])
        return int(found[2]), _MONTHS[number - 1] if 1 <= number <= len(_MONTHS) else ""
    if found := _DAY_MONTH.fullmatch(text):
        return int(found[1]), found[2].lower()
    if found := _MONTH_DAY.fullmatch(text):
        return int(found[2]), found[1].lower()
    return 0, ""
