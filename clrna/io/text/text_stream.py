"""Open text files, plain or compressed, and say in one line what a file is that is no text."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from clrna.errors import InputError
from clrna.io.regular import open_regular, refuse_no_file
from clrna.io.text.first_bytes import first_bytes
from clrna.quoted import reason_of

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_COMPRESSED: Final = {_GZIP: "gzip", _ZSTD: "zstd"}
_UNPACKERS: Final = {"gzip": "gunzip", "zstd": "unzstd"}
# Read where they lie, which compressing them again rules out.
_READ_FROM_DISK: Final = ((b"\x89HDF", "HDF5 (h5ad)"), (b"PAR1", "parquet"))
_UTF8_MARK: Final = b"\xef\xbb\xbf"
# How files begin that people hand over by mistake, and what to do with them.
_FOREIGN: Final = (
    (b"%PDF", "a PDF document; export the table behind it as tsv"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook (.xlsx); unpack it, or save the sheet as tab separated text"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls); save the sheet as tab separated text"),
    (b"BZh", "bzip2; compress with gzip or zstd instead"),
    (b"\xfd7zXZ", "xz; compress with gzip or zstd instead"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it"),
    (b"\x89PNG", "a picture"),
    (b"\x89HDF", "HDF5 but was not recognised as h5ad"),
    (b"RDX", "R data; write the matrix with write.table"),
    (b"X\n\x00\x00", "R data (.rds); write the matrix with write.table"),
    (b"\xff\xfe", "UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save it as UTF-8"),
    (b"IDAT", "what an array's scanner wrote (IDAT); give the normalized matrix"),
    (b"[CEL]", "what an array's scanner wrote (CEL); normalize it (RMA) and give the matrix"),
    (b"<Header>", "a NanoString RCC file, one lane's raw counts; normalize the lanes and give their matrix"),
    (b"version https://git-lfs", "a pointer of Git LFS and not the file; get that with git lfs pull"),
    (b"%%MatrixMarket", "a MatrixMarket file, without names of genes and samples; put both into AnnData"),
    (b"##fileformat=VCF", "a VCF file: variants, not expression"),
    (b"@HD\t", "SAM: reads; count them per gene first"),
    (b"@SQ\t", "SAM: reads; count them per gene first"),
    (b"BAM\x01", "BAM: reads; count them per gene first"),
    (b"\x80\x04", "a Python pickle, which is never opened; write the table as tsv"),
)
# What a compressed file may unpack to: so many times its size, and a little in any case. Gzip packs to a thousandth at
# most, and only what repeats one thing.
_MOST_TIMES: Final = 300
_UNASKED: Final = 128 << 20
# Of 60,000 genes with 20 characters each a line has a fiftieth.
LONGEST_LINE: Final = 64 << 20
_TAR_AT: Final = 257
_LINE_ENDS: Final = (b"\n", b"\r")
_MARKUP: Final = (b"<!doctype", b"<html", b"<?xml")


class _Lines(io.BufferedReader):
    """Bytes whose lines have an end: a few kilobytes of a compressed file may hold one of gigabytes."""

    def __init__(self, source: io.RawIOBase, path: Path) -> None:
        super().__init__(source)
        self._path = path
        self._since_end = self._read = 0
        self._most = max(_UNASKED, _MOST_TIMES * path.stat().st_size)

    def readline(self, size: int | None = -1) -> bytes:
        """Return the next line; iterating calls this, too."""
        most = LONGEST_LINE if size is None or size < 0 else size
        line = super().readline(most)
        self._since_end = 0
        self._count(len(line))
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise self._too_long()
        return line

    def read(self, size: int | None = -1) -> bytes:
        """Return up to so many bytes, for readers that split lines themselves."""
        return self._with_ends(super().read(size))

    def read1(self, size: int = -1) -> bytes:
        """Return what can be had at once; decoding text calls this."""
        return self._with_ends(super().read1(size))

    def _with_ends(self, part: bytes) -> bytes:
        self._count(len(part))
        after = len(part) - 1 - max(part.rfind(end) for end in _LINE_ENDS)
        self._since_end = after if after < len(part) else self._since_end + after
        if self._since_end > LONGEST_LINE:
            raise self._too_long()
        return part

    def _count(self, number: int) -> None:
        self._read += number
        if self._read > self._most:
            raise InputError(f"{self._path}: unpacks to more than {_MOST_TIMES} times its size; it is no table of text")

    def _too_long(self) -> InputError:
        return InputError(f"{self._path}: a line is longer than {LONGEST_LINE >> 20} MB; it is no table of text")


@contextlib.contextmanager
def open_text(path: Path) -> Iterator[io.BufferedReader]:
    """Open a text file as bytes, decompressed, without a byte order mark.

    Errors while reading inside the block, such as a compressed file that was cut short, become one
    readable line too.

    Raises
    ------
    InputError
        The file is missing, empty, cut short, damaged, or no text.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file")
    refuse_no_file(path)
    if path.stat().st_size == 0:
        raise InputError(f"{path}: is empty (0 bytes)")
    compression = compression_of(path)
    try:
        # Opened here, since arrow waits for whoever may write to a pipe.
        with open_regular(path) as file, _unpacked(file, compression) as source, _Lines(source, path) as stream:
            _refuse_foreign(stream.peek(512)[:512], path, compression)
            if stream.peek(3)[:3] == _UTF8_MARK:
                stream.read(3)
            yield stream
    except (OSError, EOFError) as error:
        what = f"the {compression} stream is cut short or damaged" if compression else "cannot be read"
        raise InputError(f"{path}: {what} ({reason_of(error)}); copy or download it again") from error


def _unpacked(file: io.FileIO, compression: str | None) -> contextlib.AbstractContextManager[io.RawIOBase]:
    return file if compression is None else pa.input_stream(file, compression=compression)


def compression_of(path: Path) -> str | None:
    """Return ``gzip``, ``zstd`` or None by the first bytes; the file's name says nothing."""
    start = first_bytes(path)
    return next((name for magic, name in _COMPRESSED.items() if start.startswith(magic)), None)


def _refuse_foreign(start: bytes, path: Path, compression: str | None) -> None:
    if not start:
        raise InputError(f"{path}: holds nothing but an empty compressed stream")
    if compression is not None:
        unpack = f"unpack it once ({_UNPACKERS[compression]})"
        if start.startswith(tuple(_COMPRESSED)):
            raise InputError(f"{path}: is compressed twice; {unpack} and give the file that comes of it")
        if what := next((name for magic, name in _READ_FROM_DISK if start.startswith(magic)), None):
            raise InputError(f"{path}: is {what} that was compressed; {unpack} and give the file that comes of it")
    for magic, what in _FOREIGN:
        if start.startswith(magic):
            raise InputError(f"{path}: is {what}")
    if start.startswith(b"TYPE\t") and b"\nFEPARAMS\t" in start:
        raise InputError(
            f"{path}: is what an array's scanner wrote (Agilent Feature Extraction); normalize the arrays and give the "
            "matrix"
        )
    if start[_TAR_AT:].startswith(b"ustar"):
        raise InputError(f"{path}: is a tar archive; unpack it and give the files in it")
    if start.lstrip().lower().startswith(_MARKUP):
        raise InputError(f"{path}: is a web page or XML, not a table; was the download an error page?")
    if start.lstrip()[:2] in (b'{"', b"[{", b"[["):
        raise InputError(f"{path}: is JSON; write the table as tsv")
    if (
        start.strip(b"\0")
        and 0 in start
        and 2 * start.count(0) >= len(start) - 1
        and not (start[::2].strip(b"\0") and start[1::2].strip(b"\0"))
    ):
        raise InputError(f"{path}: is UTF-16 text; save it as UTF-8")
    if b"\x00" in start:
        raise InputError(f"{path}: is binary, not text; give h5ad, tsv, csv, gct or parquet")
