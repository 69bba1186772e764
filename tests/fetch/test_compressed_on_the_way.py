"""What a server packs without being asked is unpacked, or refused: never kept as if it were the file."""

import gzip

import httpx
import pytest

from clrna.errors import RemoteError
from clrna.fetch.streams import _stream_of

CONTENT = b"gene\ts1\nTP53\t1\n"


def came(name: str, encoding: str, content: bytes) -> bytes:
    request = httpx.Request("GET", f"http://127.0.0.1/{name}")
    headers = {"content-encoding": encoding} if encoding else {}
    response = httpx.Response(200, headers=headers, stream=httpx.ByteStream(content), request=request)
    return b"".join(_stream_of(response, 0).chunks)


@pytest.mark.parametrize("encoding", ["", "identity", "gzip"])
def test_what_can_be_unpacked_is_the_file(encoding: str) -> None:
    assert came("x.tsv", encoding, gzip.compress(CONTENT) if encoding == "gzip" else CONTENT) == CONTENT


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip"])
def test_a_gz_stays_one(encoding: str) -> None:
    assert came("x.tsv.gz", encoding, gzip.compress(CONTENT)) == gzip.compress(CONTENT)


@pytest.mark.parametrize(
    ("name", "encoding"), [("x.tsv", "br"), ("x.tsv", "x-gzip"), ("x.tsv", "gzip, quantum\x1b"), ("x.tsv.gz", "br"),
     ("x.tsv", "gzip, gzip")],
)  # fmt: skip
def test_what_cannot_be_unpacked_is_refused(name: str, encoding: str) -> None:
    with pytest.raises(
        RemoteError, match=rf"/{name}: is sent compressed as '.*', .*; load it with a browser"
    ) as caught:
        came(name, encoding, b"\xff\xff")
    assert str(caught.value).isprintable()


def test_a_bomb_is_left_before_it_fills_the_disk() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    with pytest.raises(RemoteError, match=r"/x\.tsv: unpacks to more than 300 times its size, .*; load it with"):
        came("x.tsv", "gzip", bomb)


def test_a_small_answer_may_be_of_one_letter() -> None:
    assert came("x.tsv", "gzip", gzip.compress(bytes(1 << 20))) == bytes(1 << 20)
