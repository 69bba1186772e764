"""Ask a server over http or https: redirects are followed, what is no answer is told as the server's fault."""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator

import httpx

from clrna import __version__
from clrna.constants import MOST_CONNECTIONS
from clrna.errors import RemoteError, UsageError
from clrna.fetch.address import is_asked_of_server, shown
from clrna.fetch.failures import TransientError
from clrna.io.user_info import without_user_info
from clrna.quoted import quoted, reason_of

_MOST_OF_REASON = 500
_MOST_REDIRECTS = 20
# To connect, to send and to wait may each take as long as a server may be silent.
_SILENCES = 3
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
_UNREADABLE = {
    httpx.InvalidURL: "leads to what is no address",
    httpx.UnsupportedProtocol: "leads to what is no http or https address",
    httpx.DecodingError: "sends what it says is compressed and is not",
}


def make_client(timeout: float) -> httpx.Client:
    """Return a client that takes proxies and certificates from the environment.

    Raises
    ------
    UsageError
        The environment names none that can be used; their values may hold a password, and are not quoted.
    """
    for library in ("httpx", "httpcore"):
        # They log addresses whole, and signed addresses are secrets.
        logging.getLogger(library).setLevel(logging.WARNING)
    try:
        return httpx.Client(
            timeout=httpx.Timeout(timeout),
            headers={"User-Agent": f"clrna-fetch/{__version__}", "Accept-Encoding": "identity"},
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS),
        )
    except OSError as error:
        text = f"cannot be read ({reason_of(error)}); mend or unset it"
        raise UsageError(f"{_set_of(_CERTIFICATES)}: {text}") from None
    except (httpx.InvalidURL, ValueError, ImportError):
        text = "is no address of an http or https proxy, or list of hosts without one; mend or unset it"
        raise UsageError(f"{_set_of(_PROXIES)}: {text}") from None


def _set_of(names: tuple[str, ...]) -> str:
    """Return which of some variables of the environment are set."""
    return ", ".join(name for name in os.environ if name.upper() in names and os.environ[name]) or "the environment"


def silence_of(client: httpx.Client) -> float:
    """Return the seconds that a server may be silent."""
    return client.timeout.read or float("inf")


@contextlib.contextmanager
def answer_to(client: httpx.Client, request: httpx.Request) -> Iterator[httpx.Response]:
    """Yield the last answer to ``request``, its content unread, and close it at the end.

    Parameters
    ----------
    client
        From :func:`make_client`.
    request
        For an http or https address.

    Raises
    ------
    TransientError
        No connection, or no answer in time: worth another attempt.
    RemoteError
        Leads nowhere, or where nobody is to be led.
    """
    url = str(request.url)
    try:
        response = _last_of_redirects(client, request)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _failure(url, error) from None
    with contextlib.closing(response):
        try:
            yield response
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _failure(url, error) from None


def _last_of_redirects(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Follow redirects without reading what comes with them, which may have no end."""
    url, ends = str(request.url), time.monotonic() + _SILENCES * silence_of(client)
    for _ in range(_MOST_REDIRECTS + 1):
        response = _sent_before(ends, client, request)
        further = response.next_request
        if further is None:
            return response
        response.close()
        if not is_asked_of_server(str(further.url)):
            raise RemoteError(f"{shown(url)}: {_UNREADABLE[httpx.UnsupportedProtocol]}")
        if request.url.scheme == "https" and further.url.scheme == "http":
            raise RemoteError(f"{shown(url)}: redirects from https to http, which is not followed")
        request = further
    raise RemoteError(f"{shown(url)}: redirects in a circle")


def _sent_before(ends: float, client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Return the answer, its headers read.

    A server that sends a byte of a header now and then, or answers without end that an answer follows, is never
    silent, and the client has no limit for that: it is called in a thread, which is left alone after that.
    """
    came: list[httpx.Response | BaseException] = []
    left = threading.Event()

    def send() -> None:
        try:
            came.append(client.send(request, stream=True))
        except UnicodeError:  # a host's name that is none
            came.append(httpx.InvalidURL("no name of a host"))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            came.append(error)
        if left.is_set() and isinstance(came[0], httpx.Response):
            came[0].close()

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    thread.join(max(0.0, min(ends - time.monotonic(), threading.TIMEOUT_MAX)))
    left.set()
    if not came:
        raise TransientError(f"{shown(str(request.url))}: its answer did not begin in time")
    if isinstance(came[0], BaseException):
        raise came[0]
    return came[0]


def _failure(url: str, error: Exception) -> Exception:
    """Return an error of the client as what it means; its own text may quote a password."""
    known = _UNREADABLE.get(type(error))
    if known:
        return RemoteError(f"{shown(url)}: {known}")
    # What is cut may end within a password, so that what stands in an address goes first.
    reason = quoted(without_user_info(str(error)), _MOST_OF_REASON) if str(error).strip() else type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return RemoteError(f"{shown(url)}: its certificate is not accepted ({reason}); set SSL_CERT_FILE to your own")
    return TransientError(f"{shown(url)}: {reason}")
