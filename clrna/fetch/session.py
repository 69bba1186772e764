"""Bring the files of a source together: from a folder, a cache, a mirror or the network."""

import contextlib
import glob
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import httpx

from clrna.errors import InputError, RemoteError
from clrna.fetch.address import mirrored, shown
from clrna.fetch.answers import make_client
from clrna.fetch.credentials import ask_for_credentials, find_credentials
from clrna.fetch.download import Expected, Opener, check_file, download
from clrna.fetch.failures import NeedsAccountError
from clrna.fetch.modac import BASE, HOST, ModacSession, published
from clrna.fetch.place import Place
from clrna.fetch.progress import DownloadProgress
from clrna.fetch.remote_file import RemoteFile, digests_of
from clrna.fetch.retry import Attempts
from clrna.fetch.side_by_side import run_side_by_side
from clrna.fetch.store import Store, faults_told
from clrna.fetch.streams import Stream, open_file, open_stream
from clrna.fetch.transfer import Transfer
from clrna.quoted import reason_of

logger = logging.getLogger("clrna")


@dataclass(frozen=True)
class FetchedFile:
    """A file that is here, whole and checked.

    Attributes
    ----------
    name, path
        What it is called and where it lies.
    sha256
        Of its bytes.
    came_from
        Address without its query, or ``--from``.
    checked
        Checksums published by its source that it was held against, as text.
    listing
        Whether it is a portal's list and no data.
    """

    name: str
    path: Path
    sha256: str
    came_from: str
    checked: tuple[str, ...]
    listing: bool


@contextlib.contextmanager
def _read_from(folder: Path) -> Iterator[None]:
    """Raise InputError where the block may not look at a file in the folder of ``--from``, or cannot read it."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename or folder} cannot be read ({reason_of(error)})"
        raise InputError(f"--from {folder}: {where}; see its permissions and those of its folder") from error


class Session:
    """One run's connections, and the folder in which its files gather.

    Parameters
    ----------
    transfer
        Settings.
    scratch
        Folder for what no cache is to keep.
    label
        Folder in the cache, e.g. ``ccle/24Q4``.
    """

    def __init__(self, transfer: Transfer, scratch: Path, label: str) -> None:
        self.transfer = transfer
        self.store = Store((transfer.cache or scratch) / label)
        self.fetched: dict[str, FetchedFile] = {}
        self._client: httpx.Client | None = None
        self._modac: ModacSession | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()

    def obtain(self, files: Sequence[RemoteFile]) -> dict[str, Path]:
        """Return the paths of ``files`` by name, loading those that are not here, several at a time.

        Raises
        ------
        RemoteError
            A file could not be had; those that could are kept.
        InputError
            A file is missing in the folder of ``--from``, or is in no list of ``--checksums``.
        UsageError
            The cache holds what cannot be read or replaced.
        """
        if self.transfer.from_folder is not None:
            with _read_from(self.transfer.from_folder):
                for file in files:
                    self._remember(file, *self._from_folder(file, self.transfer.from_folder))
        else:
            lock = self.store.locked(offline=self.transfer.offline)
            with faults_told(self.transfer.cache), lock, self._progress(files) as progress:
                self._load_all(files, progress)
        return {file.name: self.fetched[file.name].path for file in files}

    def listing(self, file: RemoteFile, required: bool) -> Path | None:
        """Return where a file lies that says which files there are.

        Returns
        -------
        None where the folder of ``--from`` lacks it and it is not required.
        """
        folder = self.transfer.from_folder
        if folder is not None and not required:
            with _read_from(folder):
                if not (folder / file.name).is_file():
                    return None
        if file.name not in self.fetched:  # A portal is asked once a run.
            self.obtain([file])
        return self.fetched[file.name].path

    def _load_all(self, files: Sequence[RemoteFile], progress: DownloadProgress) -> None:
        if any(self._needs_account(file) for file in files):
            # A missing account is to show before anything large is loaded.
            Attempts(self.transfer).run(self._modac_session(has_other=False).log_in)
        tasks = [partial(self._load, file, progress) for file in files]
        run_side_by_side(tasks, self.transfer.jobs, progress.stopped)

    def _load(self, file: RemoteFile, progress: DownloadProgress) -> None:
        expected = self._expected(file)
        path, address = self.store.path(file.name), shown(file.urls[0]) if file.urls else BASE
        ask_anew = file.listing and not self.transfer.offline
        if not ask_anew and self.store.holds(expected):
            progress.advance(path.stat().st_size)
        else:
            address, expected = self._load_from_first(file, expected, progress)
            self.store.complete(file.name, note=file.checksum is None)
        self._remember(file, path, address, expected)

    def _load_from_first(
        self, file: RemoteFile, expected: Expected, progress: DownloadProgress
    ) -> tuple[str, Expected]:
        """Load ``file`` from the first of its places that has it; return which, and what it had to be."""
        failures: list[RemoteError] = []
        places = self._places(file)
        for place in places:
            try:
                wanted = place.expected(expected, self.transfer)
                logger.info("loading %s from %s", file.name, place.shown)
                download(place.open, self.store.partial(file.name), wanted, self.transfer, progress, place.shown)
                return place.shown, wanted
            except RemoteError as error:
                failures.append(error)
                if place is not places[-1]:
                    logger.warning("%s; trying its next source", error)
        if not failures:
            raise RemoteError(self._why_nowhere(file))
        # What a person can mend is worth more than that the last source failed, too.
        raise next((error for error in failures if isinstance(error, NeedsAccountError)), failures[-1])

    def _why_nowhere(self, file: RemoteFile) -> str:
        if not self.transfer.offline:
            return f"{file.name}: its source gives no address; load it with a browser and use --from"
        where = "no --cache is named" if self.transfer.cache is None else f"it is not in {self.store.folder}"
        return f"{file.name}: --offline, and {where}; load it once with a connection, or use --from"

    def _places(self, file: RemoteFile) -> list["Place"]:
        mirror = self.transfer.mirror
        # What a portal lists must not lead to a file of this machine.
        urls = [url for url in file.urls if file.given or not url.startswith("file:")]
        places = [Place(mirrored(url, mirror), self._open_url(mirrored(url, mirror))) for url in urls]
        if file.modac_path:
            url = f"{BASE}/api/v2/dataObject{file.modac_path}"
            if mirror:
                # A mirror's copy is an ordinary file, and the token is not for the mirror.
                places.insert(0, Place(mirrored(url, mirror), self._open_url(mirrored(url, mirror))))
            else:
                places.insert(0, self._modac_place(url, file.modac_path, has_other=bool(file.urls)))
        return [place for place in places if not self.transfer.offline or place.url.startswith("file:")]

    def _needs_account(self, file: RemoteFile) -> bool:
        elsewhere = file.urls or self.transfer.mirror or self.transfer.offline
        return bool(file.modac_path) and not elsewhere and not self.store.holds(self._expected(file))

    def _open_url(self, url: str) -> Opener:
        def opener(start: int, validator: str) -> AbstractContextManager[Stream]:
            return open_stream(self.client, url, start, validator)

        if url.startswith("file:"):
            return lambda start, _: open_file(url, start)
        return opener

    def _modac_place(self, url: str, path: str, *, has_other: bool) -> "Place":
        modac = self._modac_session(has_other)

        def opener(start: int, validator: str) -> AbstractContextManager[Stream]:
            return modac.open(path, start, validator)

        return Place(url, opener, lambda: published(modac.metadata(path)))

    @property
    def client(self) -> httpx.Client:
        """The connections, opened when first needed."""
        with self._lock:
            if self._client is None:
                self._client = make_client(self.transfer.timeout)
            return self._client

    def _modac_session(self, has_other: bool) -> ModacSession:
        """Return MoDaC's session; a person is asked only where there is no open source to turn to."""
        client = self.client
        with self._lock:
            if self._modac is None:
                settings = self.transfer
                known = find_credentials(HOST, settings.environ, settings.token_file, settings.netrc)
                self._modac = ModacSession(client, known, None if has_other else ask_for_credentials)
            return self._modac

    def _from_folder(self, file: RemoteFile, folder: Path) -> tuple[Path, str, Expected]:
        # gdc-client and others put each file into a folder of its own.
        places = [folder / file.name, *sorted(folder.glob(f"*/{glob.escape(file.name)}"))]
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            raise InputError(f"--from {folder}: has no {file.name}; --print-files tells where to load it")
        expected = self._expected(file)
        check_file(path, expected)
        return path, "--from", expected

    def _expected(self, file: RemoteFile) -> Expected:
        checksums = (file.checksum,) if file.checksum else ()
        required = self.transfer.required
        if required is not None and not file.listing:
            if file.name not in required:
                raise InputError(f"--checksums: names no {file.name}, which is needed; add its line")
            checksums = (*checksums, required[file.name])
        return Expected(file.name, file.size, checksums)

    def _remember(self, file: RemoteFile, path: Path, came_from: str, expected: Expected) -> None:
        sha256 = digests_of(path, {"sha256"})["sha256"]
        checked = tuple(str(checksum) for checksum in expected.checksums)
        self.fetched[file.name] = FetchedFile(file.name, path, sha256, came_from, checked, file.listing)

    def _progress(self, files: Iterable[RemoteFile]) -> DownloadProgress:
        sizes = [file.size or file.about_size for file in files]
        known = sum(size for size in sizes if size) if all(sizes) else None
        return DownloadProgress(known, self.transfer.bars)
