"""The inputs of a run as files, a folder of a quantifier's files being one study."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clrna.errors import UsageError
from clrna.io.matrix.quantifier_folder import quantifier_files


@dataclass(frozen=True)
class GivenFile:
    """An expression file; ``study`` is its study's name as the command line gives it, '' where it gives none."""

    path: Path
    study: str


def given_files(paths: Sequence[Path], studies: Sequence[str]) -> list[GivenFile]:
    """Return the expression files behind the inputs.

    Parameters
    ----------
    paths
        Expression files, and folders of files that hold one sample each.
    studies
        Of ``--study``: none, one for all inputs, or one for each.

    Raises
    ------
    UsageError
        There are as many names as neither.
    InputError
        A folder holds no such files.
    """
    if len(studies) not in (0, 1, len(paths)):
        raise UsageError(
            f"--study names {len(studies)} studies for {len(paths)} expression files; name one for all, or one for each"
        )
    named = list(studies) * len(paths) if len(studies) == 1 else list(studies) or [""] * len(paths)
    given = []
    for path, study in zip(paths, named, strict=True):
        if path.is_dir():
            given += [GivenFile(file, study or path.resolve().name) for file in quantifier_files(path)]
        else:
            given.append(GivenFile(path, study))
    return given
