"""Open what is at an address, from a byte on."""

import contextlib
import os
import re
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from clrna.errors import RemoteError
from clrna.fetch.address import is_asked_of_server, local_path, shown
from clrna.fetch.answers import answer_to, silence_of
from clrna.fetch.failures import (
    DamagedError,
    NotContinuedError,
    NotDataError,
    NotThereError,
    TransientError,
    bytes_in,
    check_status,
)
from clrna.fetch.packed import CutError, unpacked
from clrna.quoted import in_quotes, reason_of

_CHUNK_BYTES = 1 << 18
# With fewer bytes a second a server is as good as silent.
_LEAST_A_SECOND = 256
# What is packed on the way is text: it never unpacks to more than so many times its size, as in
# clrna.io.text.text_stream, beyond what a small answer may.
_MOST_UNPACKED = 300
_ALWAYS_UNPACKED = 1 << 20
# What a portal answers beside files: a token, an address, what it knows of a file.
_MOST_OF_ANSWER = 1 << 20
_CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-[0-9]{1,18}|\*)/([0-9]{1,18}|\*)")


@dataclass(frozen=True)
class Stream:
    """Bytes of a file on their way.

    Attributes
    ----------
    url
        Where they come from in the end, after redirects.
    start
        Number of the first byte.
    total
        Bytes of the whole file, where the server says so.
    validator
        What tells one state of the file from another (ETag or date), '' if nothing does.
    content_type
        As the server says.
    chunks
        The bytes.
    """

    url: str
    start: int
    total: int | None
    validator: str
    content_type: str
    chunks: Iterator[bytes]


@contextlib.contextmanager
def open_stream(
    client: httpx.Client,
    url: str,
    start: int = 0,
    validator: str = "",
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    json: Any = None,
) -> Iterator[Stream]:
    """Open an http or https address from byte ``start`` on, where the server can; the stream says where it begins.

    Parameters
    ----------
    client
        From :func:`clrna.fetch.answers.make_client`.
    url
        Who gave it does not matter: a server's list cannot lead to a file of this machine.
    start, validator
        First byte wanted, and the state of the file of which the bytes before it are held.
    method, headers, json
        Of the request.

    Raises
    ------
    TransientError
        No connection, a time limit, a busy or broken server: worth another attempt.
    RemoteError
        Refused, not there, or not to be trusted.
    """
    if not is_asked_of_server(url):
        raise RemoteError(f"{shown(url)}: leads to what is no http or https address; load it with a browser, --from")
    asked = dict(headers or {})
    if start:
        asked["Range"] = f"bytes={start}-"
        if validator:
            asked["If-Range"] = validator
    with answer_to(client, client.build_request(method, url, headers=asked, json=json)) as response:
        check_status(response)
        stream = _stream_of(response, start)
        yield replace(stream, chunks=_not_too_slow(stream.chunks, stream.url, silence_of(client)))


def whole_of(stream: Stream) -> bytes:
    """Return all of what is no file but a short answer.

    Raises
    ------
    NotDataError
        It is far longer than such an answer.
    """
    answer = bytearray()
    for chunk in stream.chunks:
        answer += chunk
        if len(answer) > _MOST_OF_ANSWER:
            raise NotDataError(f"{shown(stream.url)}: sends more than {_MOST_OF_ANSWER >> 20} MB in place of an answer")
    return bytes(answer)


def _stream_of(response: httpx.Response, start: int) -> Stream:
    validator = response.headers.get("etag", "") or response.headers.get("last-modified", "")
    range_text = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    known = range_text[2] if range_text else response.headers.get("content-length", "")
    total = bytes_in(known)
    chunks: Iterator[bytes]
    if response.status_code == 416:
        # Nothing from there on: what is held may be whole; the caller compares with the total.
        begin, chunks = start, iter(())
        total = total if range_text else None
    elif response.status_code == 206:
        if not range_text or range_text[1] is None:
            raise NotContinuedError(f"{shown(str(response.url))}: answered a part without saying which")
        if _way_packed(response):
            raise NotContinuedError(f"{shown(str(response.url))}: answered a part of what is compressed on the way")
        begin, chunks = int(range_text[1]), response.iter_raw()
    elif way := _way_packed(response):
        # Compressed on the way though that was not asked for: its length is not the file's.
        begin, chunks, total = 0, _unpacked(response, way), None
    else:
        begin, chunks = 0, response.iter_raw()
    # One that is no ASCII could be read, but not be sent back.
    strong = "" if validator.startswith("W/") or not validator.isascii() else validator
    content_type = response.headers.get("content-type", "").lower()
    return Stream(str(response.url), begin, total, strong, content_type, chunks)


def _way_packed(response: httpx.Response) -> str:
    """Return how what comes is to be unpacked, '' if not: a .gz of which the server says that it is one stays as it is.

    Raises
    ------
    RemoteError
        It is packed as nothing here unpacks: its bytes would be kept as if they were the file's.
    """
    told = response.headers.get("content-encoding", "").lower()
    ways = [way for way in map(str.strip, told.split(",")) if way not in ("", "identity")]
    is_gz = response.url.path.endswith(".gz")
    odd = sorted(set(ways) - ({"gzip", "x-gzip"} if is_gz else {"gzip", "deflate"}))
    if odd or len(ways) > 1:  # what is packed twice unpacks a thousandfold twice
        text = f"is sent compressed as {in_quotes(odd[0] if odd else told)}, which was not asked for and is not read"
        raise RemoteError(f"{shown(str(response.url))}: {text}; load it with a browser and give its folder to --from")
    return ways[0] if ways and not is_gz else ""


def _unpacked(response: httpx.Response, way: str) -> Iterator[bytes]:
    """Yield the bytes of an answer that is compressed on the way.

    Raises
    ------
    DamagedError
        It unpacks to more than any text does, as what is made to fill a disk, or is not packed.
    TransientError
        It ends too early.
    """
    came, url = 0, shown(str(response.url))
    mend = "load it with a browser and use --from"
    try:
        for chunk in unpacked(response.iter_raw(), way):
            came += len(chunk)
            if came > _ALWAYS_UNPACKED + _MOST_UNPACKED * response.num_bytes_downloaded:
                text = f"unpacks to more than {_MOST_UNPACKED} times its size, which no data does"
                raise DamagedError(f"{url}: {text}; {mend}")
            yield chunk
    except zlib.error as error:
        raise DamagedError(f"{url}: sends what it says is compressed and is not ({error}); {mend}") from error
    except CutError as error:
        raise TransientError(f"{url}: what it sends compressed was cut after {came} bytes") from error


def _not_too_slow(chunks: Iterator[bytes], url: str, seconds: float) -> Iterator[bytes]:
    """Yield ``chunks`` as long as enough of them come: one that sends a byte now and then is never silent.

    Raises
    ------
    TransientError
        In so many seconds next to nothing came.
    """
    came, since = 0, time.monotonic()
    for chunk in chunks:
        came += len(chunk)
        passed = time.monotonic() - since
        if passed > seconds:
            if came < _LEAST_A_SECOND * seconds:
                raise TransientError(f"{shown(url)}: sent {came} bytes in {passed:.0f} seconds")
            came, since = 0, time.monotonic()
        yield chunk


@contextlib.contextmanager
def open_file(url: str, start: int) -> Iterator[Stream]:
    """Open a ``file:`` address, which only a user may give, from byte ``start`` on.

    Raises
    ------
    RemoteError
        It names nothing here, or what may not be read.
    """
    path = Path(local_path(url))
    try:
        file = path.open("rb") if path.is_file() else None
    except OSError as error:
        raise NotThereError(
            f"{shown(url)}: cannot be read ({reason_of(error)}); see its name and permissions"
        ) from error
    if file is None:
        raise NotThereError(f"{shown(url)}: no such file")
    with file:
        status = os.fstat(file.fileno())
        if not status.st_size:  # as what the kernel shows as files is, which may be waited for without end
            raise NotThereError(f"{shown(url)}: is empty (0 bytes); name another file")
        file.seek(start)
        chunks = iter(lambda: file.read(_CHUNK_BYTES), b"")
        yield Stream(url, start, status.st_size, f"{status.st_mtime_ns}-{status.st_size}", "", chunks)
