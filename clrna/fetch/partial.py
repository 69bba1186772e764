"""A file that is being loaded, and what is needed to go on with it later."""

import shutil
from pathlib import Path

from clrna.errors import ClrnaError
from clrna.fetch.address import shown
from clrna.fetch.failures import DamagedError, NotContinuedError, TransientError, refuse_page
from clrna.fetch.progress import DownloadProgress
from clrna.fetch.streams import Stream

_PAGE_BYTES = 1024


class DiskFullError(ClrnaError):
    """There is no room for a file; what was loaded of it is kept.

    Parameters
    ----------
    path
        The file.
    lacking
        Bytes that are lacking, where that is known.
    """

    def __init__(self, path: Path, lacking: int | None = None) -> None:
        how_much = f"{lacking / 1e9:.2f} GB are lacking" if lacking else "the disk is full"
        super().__init__(f"{path.parent}: no room for {path.name.removesuffix('.part')} ({how_much}); free some room")


class Partial:
    """The part of a file that is here.

    Beside it stands, in a file of its own, what tells the state of the remote file that it is a part of, so that
    nobody goes on with another.

    Parameters
    ----------
    path
        Where it lies.
    name
        What the file is called when complete.
    size
        Bytes of the complete file, where published.
    verified
        Whether a checksum will tell a file that was put together wrongly.
    progress
        Told of each piece that came.
    """

    def __init__(self, path: Path, name: str, size: int | None, verified: bool, progress: DownloadProgress) -> None:
        self.path = path
        self.name = name
        self.furthest = 0
        self._published_size = size
        self._verified = verified
        self._progress = progress
        self._note = path.with_name(path.name + ".state")

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def validator(self) -> str:
        """What tells the state of the remote file, '' if nothing does."""
        text = self._note.read_text(encoding="utf-8", errors="replace") if self._note.exists() else ""
        return text if text.isascii() else ""  # as no server's is

    def resumable_size(self) -> int:
        """Return how many bytes can be kept: none where nothing would tell that they belong together."""
        return self.size if self.validator or self._verified else 0

    def begin(self) -> None:
        """Count what an earlier run left; take it away where it cannot be kept."""
        if self.resumable_size():
            self.furthest = self.size
            self._progress.advance(self.size)
        else:
            self._remove()

    def drop(self) -> None:
        """Begin anew."""
        size = self.size
        self._remove()
        self._progress.advance(-size)

    def take(self, stream: Stream) -> None:
        """Append what ``stream`` brings.

        Raises
        ------
        TransientError
            It ended too early, or does not continue what is here.
        RemoteError
            It is a page for people and no data, or longer than the file.
        """
        total = stream.total if stream.total is not None else self._published_size
        self._align(stream, total)
        self._check_room(total)
        self._note.write_text(stream.validator, encoding="utf-8")
        with self.path.open("ab") as file:
            for chunk in stream.chunks:
                if file.tell() < _PAGE_BYTES:
                    refuse_page(stream.url, stream.content_type, chunk, self.name)
                if total is not None and file.tell() + len(chunk) > total:
                    raise DamagedError(
                        f"{shown(stream.url)}: sends more than the {total} bytes that {self.name} has; load it with a "
                        "browser and use --from"
                    )
                file.write(chunk)
                self.furthest = max(self.furthest, file.tell())
                self._progress.advance(len(chunk))
        if total is not None and self.size < total:
            raise TransientError(f"{shown(stream.url)}: the line was cut after {self.size} of {total} bytes")

    def _align(self, stream: Stream, total: int | None) -> None:
        """Make the bytes that are here those before the stream's first."""
        if stream.start == 0:
            if self.size:
                self.drop()
            return
        held = self.size
        if stream.start != held or total is None or held > total:
            raise NotContinuedError(
                f"{shown(stream.url)}: sends bytes from {stream.start} on, {held} of {total} are here"
            )
        if stream.total is not None and self._published_size not in (None, stream.total):
            raise NotContinuedError(
                f"{shown(stream.url)}: sends a part of {stream.total} bytes, {self._published_size} were published"
            )
        if stream.validator and self.validator and stream.validator != self.validator:
            raise NotContinuedError(f"{shown(stream.url)}: has changed since its first {held} bytes were loaded")

    def _check_room(self, total: int | None) -> None:
        if total is None:
            return
        lacking = total - self.size - shutil.disk_usage(self.path.parent).free
        if lacking > 0:
            raise DiskFullError(self.path, lacking)

    def _remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
