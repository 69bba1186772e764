"""How files are to be loaded: what the command line and the environment say."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from clrna.errors import InputError, UsageError
from clrna.fetch.address import check_address
from clrna.fetch.checksum_file import read_checksums
from clrna.fetch.remote_file import Checksum
from clrna.quoted import reason_of

CACHE_VARIABLE = "CLRNA_CACHE"
MIRROR_VARIABLE = "CLRNA_MIRROR"


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """Settings of the downloads.

    Attributes
    ----------
    from_folder
        Folder of files that were loaded already, in place of the network.
    cache
        Folder in which downloads are kept; None keeps none.
    offline
        Never open a connection.
    mirror
        Address in place of ``https:/``; '' for none.
    token_file, netrc
        Files with credentials.
    required
        Checksums by file name that must hold; None where no list was given.
    jobs, retries, timeout, max_wait
        As the options of those names.
    first_wait
        Seconds before the first repetition; doubled each time.
    bars
        Whether to draw a progress bar.
    """

    from_folder: Path | None = None
    cache: Path | None = None
    offline: bool = False
    mirror: str = ""
    token_file: Path | None = None
    netrc: Path | None = None
    required: Mapping[str, Checksum] | None = None
    jobs: int
    retries: int
    timeout: float
    max_wait: float
    first_wait: float = 1.0
    bars: bool = False
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


def transfer_from(args: argparse.Namespace, environ: Mapping[str, str], bars: bool) -> Transfer:
    """Return the settings of ``clrna-fetch``'s options, the environment where an option is not given.

    Raises
    ------
    UsageError
        Options contradict each other, or the cache can be no folder.
    InputError
        ``--from`` is no folder, or ``--checksums`` is no list of checksums.
    """
    cache = args.cache or environ.get(CACHE_VARIABLE) or None
    if cache:
        _check_cache(Path(cache), "--cache" if args.cache else CACHE_VARIABLE, args.offline)
    mirror = (args.mirror or environ.get(MIRROR_VARIABLE) or "").rstrip("/")
    if mirror:
        check_address(mirror, "--mirror" if args.mirror else MIRROR_VARIABLE)
    given = getattr(args, "from")
    folder = Path(given) if given else None
    if folder is not None and not os.path.isdir(folder):  # noqa: PTH112 - a name may be too long for Path.is_dir
        raise InputError(f"--from {folder}: no such folder")
    return Transfer(
        from_folder=folder,
        cache=Path(cache) if cache else None,
        offline=args.offline,
        mirror=mirror,
        token_file=args.token_file,
        netrc=args.netrc,
        required=read_checksums(args.checksums) if args.checksums else None,
        jobs=args.jobs,
        retries=args.retries,
        timeout=args.timeout,
        max_wait=args.max_wait,
        bars=bars,
        environ=environ,
    )


def _check_cache(folder: Path, name: str, offline: bool) -> None:
    """Raise UsageError where what is no folder stands where the cache, or a folder above it, would be.

    One that is there may be for reading alone where nothing is to be loaded.
    """
    try:
        there = next((path for path in (folder, *folder.parents) if path.exists() or path.is_symlink()), Path())
        reason = "" if there.is_dir() else f"{there} is no folder"
        if not reason and not os.access(there, (os.R_OK if offline else os.W_OK) | os.X_OK):
            reason = f"the folder {there} may not be {'read' if offline else 'written to'}"
    except (OSError, ValueError) as error:
        reason = f"is no name of a folder ({reason_of(error)})"
    if reason:
        raise UsageError(f"{name} {folder}: {reason}; name a folder, which is made where it is missing")
