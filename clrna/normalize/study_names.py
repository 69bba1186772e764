"""Names of studies that come from the names of files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clrna.constants import MISSING_LABELS, SCALE
from clrna.errors import UsageError
from clrna.io.matrix.quantification import folder_of_sample
from clrna.normalize.input_file import InputFile
from clrna.quoted import in_quotes

_SUFFIXES: Final = (".h5ad", ".gz", ".zst", ".tsv", ".csv", ".txt", ".tab", ".gct", ".parquet", ".pq")


def study_of_file(path: Path) -> str:
    """Return a file's name without its endings, as the name of a study."""
    name, before = path.name, ""
    while name != before:
        before = name
        for suffix in _SUFFIXES:
            name = name.strip().removesuffix(suffix)  # as columns have names, without blanks about them
    return name or path.name.strip()


def require_telling_name(study: str, path: Path) -> None:
    """Raise UsageError where a study would be called as tables spell a value that is not known: NA, none."""
    if study.strip().lower() in MISSING_LABELS:
        raise UsageError(
            f"{path}: its study would be {in_quotes(study)}, which in a column means that it is not known; name it "
            "with --study NAME"
        )


def name_after_folders(sources: Sequence[InputFile]) -> None:
    """Name samples after the folders of their files where one study's files are all named alike, in place.

    Parameters
    ----------
    sources
        The files as they were read; those that hold more than one sample stay as they are.
    """
    alike: dict[tuple[str, str], list[InputFile]] = {}
    for source in sources:
        if source.named and _of_quantifier(source):
            alike.setdefault((source.named, source.adata.obs_names[0]), []).append(source)
    for files in alike.values():
        folders = [folder_of_sample(file.path) for file in files]
        if len(files) > 1 and all(folders) and len(set(folders)) == len(folders):
            for file, folder in zip(files, folders, strict=True):
                file.adata.obs_names = [folder]


def require_distinct_studies(sources: Sequence[InputFile]) -> None:
    """Raise UsageError where files would become one study by their names alone, or studies of one sample each."""
    first: dict[str, Path] = {}
    for source in sources:
        if not source.default_study:
            continue
        study = study_of_file(source.path)
        if study in first:
            raise UsageError(
                f"{source.path} and {first[study]} would both be study {in_quotes(study)}, as the files are named "
                "alike; name "
                "the studies in the order of the inputs with --study NAME,NAME, or one for all"
            )
        first[study] = source.path
    single = [source for source in sources if source.default_study and _of_quantifier(source)]
    if len(single) > 1:
        raise UsageError(
            f"{len(single)} inputs hold one sample each ({single[0].path}, {single[1].path} ...); name their study "
            "with --study NAME, or give the folder that they are in"
        )


def _of_quantifier(source: InputFile) -> bool:
    return source.adata.n_obs == 1 and SCALE in source.adata.obs and not source.normalized
