"""What can go wrong between here and a portal, told apart by what a user, or the next attempt, can do about it."""

import codecs
import email.utils
import re
import time

import httpx

from clrna.errors import RemoteError
from clrna.fetch.address import shown

_MOST_OF_PHRASE = 100
_TRANSIENT = frozenset({202, 204, 408, 425, 429, 500, 502, 503, 504})


class NeedsAccountError(RemoteError):
    """No credentials, or none that are accepted (401)."""


class ForbiddenError(RemoteError):
    """The account may not have this (403)."""


class NotThereError(RemoteError):
    """There is nothing at the address (404, 410)."""


class BadRequestError(RemoteError):
    """The portal does not understand, or does not want to say why not (400)."""


class NotDataError(RemoteError):
    """Something was sent that is not the file, such as a page for people."""


class DamagedError(RemoteError):
    """What arrived is not what the source says it published."""


class TransientError(Exception):
    """Worth another attempt.

    Parameters
    ----------
    reason
        What happened.
    wait
        Seconds after which the server asks to be called again; None if it does not say.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class NotContinuedError(TransientError):
    """What came does not continue what is here; the next attempt begins anew."""


def check_status(response: httpx.Response) -> None:
    """Raise what a response that is no success stands for; redirects have been followed.

    Raises
    ------
    TransientError, RemoteError
        As the status says.
    """
    status, url = response.status_code, shown(str(response.url))
    if status in (200, 206, 416):
        return
    text = f"{url}: {status} {response.reason_phrase[:_MOST_OF_PHRASE]}".rstrip()
    if status in _TRANSIENT:
        raise TransientError(text, retry_after(response))
    if status == 400:
        raise BadRequestError(f"{text}; see {url} in a browser, or use --from")
    if status == 401:
        raise NeedsAccountError(f"{text}; it asks for an account")
    if status == 403:
        raise ForbiddenError(f"{text}; load it with a browser and give its folder to --from")
    if status in (404, 410):
        raise NotThereError(f"{text}; the source has moved it: see whether a newer CLRNA knows where, or use --from")
    raise RemoteError(f"{text}; see {url} in a browser, or use --from")


def bytes_in(text: str) -> int | None:
    """Return a number of bytes as servers write it, None where it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that ``Retry-After`` asks for; it holds a number or a date."""
    text = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, IndexError, OverflowError):  # what is no date fails in many ways
        return None


def refuse_page(url: str, content_type: str, start: bytes, wanted: str) -> None:
    """Raise NotDataError where a web page came in place of the file called ``wanted``."""
    if wanted.endswith((".html", ".htm")):
        return
    head = start.removeprefix(codecs.BOM_UTF8).lstrip()[:100].lower()
    if content_type.startswith("text/html") or head.startswith((b"<!doctype html", b"<html")):
        raise NotDataError(
            f"{shown(url)}: sent a web page in place of {wanted} (a log-in, or a check that you are a person); "
            f"load it with a browser and give its folder to --from"
        )
