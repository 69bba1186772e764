"""Files of one sample each that hold fewer genes than those beside them: cut short, or of another annotation."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from clrna.errors import InputError
from clrna.io.regular import refuse_no_file
from clrna.normalize.input_file import InputFile

logger = logging.getLogger("clrna")

_SHOWN = 3
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5")


def refuse_cut_files(sources: Sequence[InputFile]) -> None:
    """Look at the files of each study that hold one sample, as quantifiers write them.

    Files of one annotation have the same genes. A warning tells which have fewer.

    Parameters
    ----------
    sources
        As read; :attr:`InputFile.named` is the study that folder or command line names.

    Raises
    ------
    InputError
        The genes of a file are but the first ones of another's, or its last line has no end where others' has:
        it is cut short.
    """
    groups: dict[str, list[InputFile]] = {}
    for source in sources:
        if source.named and source.adata.n_obs == 1 and not source.normalized:
            groups.setdefault(source.named, []).append(source)
    for group in groups.values():
        if len(group) > 1:
            _look_at(group)


def _look_at(group: Sequence[InputFile]) -> None:
    names = [source.adata.var_names for source in group]
    longest = max(range(len(group)), key=lambda at: len(names[at]))
    for source, own in zip(group, names, strict=True):
        if len(own) < len(names[longest]) and names[longest][: len(own)].equals(own):
            raise InputError(
                f"{source.path}: is cut short: its {len(own):,} genes are the first of the {len(names[longest]):,} "
                f"that {group[longest].path} has; copy or make it anew"
            )
    ends = [_has_end(source.path) for source in group]
    if any(ends) and False in ends:
        path = group[ends.index(False)].path
        raise InputError(f"{path}: is cut short: its last line has no end, as others of its study have; copy it anew")
    _warn_of_fewer(group, names)


def _warn_of_fewer(group: Sequence[InputFile], names: Sequence[pd.Index]) -> None:
    usual = pd.Series([len(own) for own in names]).mode().iloc[-1]
    fewer = [(source.path, len(own)) for source, own in zip(group, names, strict=True) if len(own) < usual]
    if fewer:
        shown = ", ".join(f"{path} {number:,}" for path, number in fewer[:_SHOWN])
        logger.warning(
            "%s: %d of %d files have fewer genes than the others, which have %s (%s%s); are they whole, and of one "
            "annotation?",
            group[0].named, len(fewer), len(group), f"{usual:,}", shown, " ..." if len(fewer) > _SHOWN else "",
        )  # fmt: skip


def _has_end(path: Path) -> bool | None:
    """Whether a file's last line ends as lines do; None where that cannot be told, of what is compressed."""
    refuse_no_file(path)
    with path.open("rb") as file:
        if file.read(2) in _COMPRESSED or not path.stat().st_size:
            return None
        file.seek(-1, 2)
        return file.read(1) in b"\n\r"
