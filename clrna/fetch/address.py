"""Addresses: as they are asked for, and as they may be shown."""

from urllib.parse import unquote, urlsplit

from clrna.errors import RemoteError


def mirrored(url: str, mirror: str) -> str:
    """Return the address at which a mirror keeps what is at ``url``.

    A mirror holds ``https://HOST/PATH`` under ``MIRROR/HOST/PATH``; one of files does without the query.

    Raises
    ------
    RemoteError
        A mirror of files cannot hold this, because what is meant stands in the query.
    """
    if not mirror or url.startswith("file:"):
        return url
    parts = urlsplit(url)
    if mirror.startswith("file:"):
        return f"{mirror}/{parts.netloc}{parts.path}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{mirror}/{parts.netloc}{parts.path}{query}"


def shown(url: str) -> str:
    """Return ``url`` without user name and query, which in signed addresses are secrets."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def local_path(url: str) -> str:
    """Return the path that a ``file:`` address names.

    Raises
    ------
    RemoteError
        It names another machine.
    """
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise RemoteError(f"{url}: names the machine {parts.netloc}; write file:///PATH for a file of this one")
    return unquote(parts.path)
