"""Addresses: as they are asked for, and as they may be shown."""

from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from clrna.errors import RemoteError, UsageError


def mirrored(url: str, mirror: str) -> str:
    """Return the address at which a mirror keeps what is at ``url``.

    A mirror holds ``https://HOST/PATH`` under ``MIRROR/HOST/PATH``; one of files does without the query.

    Raises
    ------
    RemoteError
        It would lead out of a mirror of files.
    """
    if not mirror or url.startswith("file:"):
        return url
    parts = urlsplit(url)
    if mirror.startswith("file:"):
        if ".." in unquote(parts.path).split("/"):
            raise RemoteError(f"{shown(url)}: leads out of the mirror's folder; use another mirror, or --from")
        return f"{mirror}/{parts.netloc}{parts.path}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{mirror}/{parts.netloc}{parts.path}{query}"


def shown(url: str) -> str:
    """Return ``url`` without user name and query, which in signed addresses are secrets."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:  # no address, and which part of it is secret cannot be told
        return "the address given"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def check_address(url: str, told: str) -> None:
    """Raise UsageError unless ``url`` is an http, https or file address; what stands in it is not quoted.

    Parameters
    ----------
    url
        As given.
    told
        The option that gave it, for the error.
    """
    parts = _parts_of(url)
    if parts is None or (parts.scheme != "file" and not parts.hostname):
        raise UsageError(f"{told}: is no address; write https://HOST/PATH, http://HOST/PATH or file:///PATH")
    if parts.scheme not in ("http", "https", "file"):
        raise UsageError(f"{told}: begin it with https://, http:// or file://")


def is_asked_of_server(url: str) -> bool:
    """Whether ``url`` is a whole http or https address; one that a server names may be anything."""
    parts = _parts_of(url)
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)


def _parts_of(url: str) -> SplitResult | None:
    """Return the parts of an address, None where it is none."""
    try:
        parts = urlsplit(url)
        odd = parts.port is not None and parts.port < 1
        httpx.URL(url).host.encode("idna")  # a name that no host has: it would be looked up, and fail in odd ways
    except (ValueError, httpx.InvalidURL):
        return None
    return None if odd or any(ord(letter) < 33 or ord(letter) == 127 for letter in url) else parts


def local_path(url: str) -> str:
    """Return the path that a ``file:`` address names.

    Raises
    ------
    RemoteError
        It names another machine.
    """
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise RemoteError(f"{shown(url)}: names another machine; write file:///PATH for a file of this one")
    return unquote(parts.path)
