"""What a server packs without being asked is unpacked, or refused: never kept as if it were the file."""

import gzip
import zlib

import httpx
import pytest

from clrna.errors import RemoteError
from clrna.fetch.failures import TransientError
from clrna.fetch.streams import _stream_of

CONTENT = b"gene\ts1\nTP53\t1\n"


def came(name: str, encoding: str, content: bytes) -> bytes:
    request = httpx.Request("GET", f"http://127.0.0.1/{name}")
    headers = {"content-encoding": encoding} if encoding else {}
    response = httpx.Response(200, headers=headers, stream=httpx.ByteStream(content), request=request)
    return b"".join(_stream_of(response, 0).chunks)


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "identity, GZIP"])
def test_what_can_be_unpacked_is_the_file(encoding: str) -> None:
    assert came("x.tsv", encoding, gzip.compress(CONTENT) if "gzip" in encoding.lower() else CONTENT) == CONTENT


def deflated(content: bytes, bits: int) -> bytes:
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize("bits", [15, -15])
def test_deflate_comes_with_a_header_or_without(bits: int) -> None:
    assert came("x.tsv", "deflate", deflated(CONTENT, bits)) == CONTENT


def test_all_parts_are_unpacked() -> None:
    assert came("x.tsv", "gzip", gzip.compress(CONTENT) + gzip.compress(b"MYC\t2\n")) == CONTENT + b"MYC\t2\n"


@pytest.mark.parametrize("packed", [gzip.compress(CONTENT), deflated(CONTENT, 15), deflated(CONTENT, -15)])
@pytest.mark.parametrize("left_out", [1, 9, 12])
def test_what_is_cut_is_asked_for_again(packed: bytes, left_out: int) -> None:
    with pytest.raises(TransientError, match=r"/x\.tsv: what it sends compressed was cut after \d+ bytes"):
        came("x.tsv", "gzip" if packed[:2] == b"\x1f\x8b" else "deflate", packed[:-left_out])


@pytest.mark.parametrize("content", [CONTENT, gzip.compress(CONTENT) + b"more", gzip.compress(CONTENT)[:-8] + bytes(8)])
def test_what_is_not_packed_as_it_says_is_refused(content: bytes) -> None:
    with pytest.raises(RemoteError, match=r"/x\.tsv: sends what it says is compressed and is not"):
        came("x.tsv", "gzip", content)


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
