"""Compare names of tissues and tumours without case, punctuation and British spelling."""

import re

_BRITISH = (("tumour", "tumor"), ("haem", "hem"), ("oesoph", "esoph"), ("leukaem", "leukem"), ("gynaec", "gynec"))
_FILLERS = re.compile(
    r"\b(?:cancers?|carcinomas?|tumors?|neoplasms?|malignan(?:t|cy|cies)|nos|(?<!soft )tissues?"
    r"|primary|normal|human|adult|other|of|the|left|right|adjacent|non(?= tumou?r)"
    r"|mucosae?|(?:fresh|snap)? ?frozen|ffpe|biops(?:y|ies)|resections?|specimens?)\b"
)
_NO_LETTER = re.compile(r"[\W_]+")


def key_of(name: str) -> str:
    """Return a name in the form in which names are compared: American spelling, lower case, letters and digits only."""
    return _NO_LETTER.sub("", _american(name))


def without_fillers(name: str) -> str:
    """Return the key of a name without words that do not tell where: cancer, tumour, tissue, primary, NOS, ..."""
    words = _NO_LETTER.sub(" ", _american(name))
    return key_of(_FILLERS.sub(" ", words))


def _american(name: str) -> str:
    lower = name.casefold().replace("&amp;", "&").replace("&", " and ").replace("'s", "").replace("’s", "")
    for british, american in _BRITISH:
        lower = lower.replace(british, american)
    return lower
