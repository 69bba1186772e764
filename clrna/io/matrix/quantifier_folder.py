"""The files of quantifiers in a folder, one a sample."""

import logging
import os
import re
import stat
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NoReturn

from clrna.errors import InputError
from clrna.io.matrix.quantification import quantifier_of, sample_of_path
from clrna.io.unchanged import watch
from clrna.plural import plural
from clrna.quoted import reason_of

logger = logging.getLogger("clrna")

_HTSEQ: Final = ("*.htseq.counts", "*.htseq.txt", "*.htseq_counts.txt", "*.htseq.counts.txt")
# Names without the ending of a compression. Of samples that stand there in several kinds the first is read.
_KINDS: Final[tuple[tuple[str, ...], ...]] = (
    ("*quant.genes.sf",),
    ("*.genes.results",),
    ("*augmented_star_gene_counts.tsv",),
    ("*gene_abund*.tab", "*gene_abund*.tsv", "*gene_abund*.txt", "*gene.abundance.txt"),
    ("*ReadsPerGene.out.tab",),
    ("*quant.sf",),
    ("abundance.tsv", "*.abundance.tsv", "*_abundance.tsv"),
    ("*.isoforms.results",),
    _HTSEQ,
    ("genes.fpkm_tracking", "*.genes.fpkm_tracking"),
)
# Files that may be a quantifier's whatever their names; others are not opened.
_TEXT: Final = (".txt", ".tsv", ".tab", ".csv", ".counts", ".count")
_COMPRESSED: Final = re.compile(r"\.(gz|zst)$")
# 20,000 samples with what a quantifier writes beside each; more is a disk, not a study.
_MOST_FILES: Final = 500_000
# To open so many takes a second; more is said before.
_MANY_FILES: Final = 1_000


def quantifier_files(folder: Path, *, told: bool = False) -> list[Path]:
    """Return the files of quantifiers in a folder and the folders below it, in the order of their names.

    Known by their names, counts without a header and others also by their content, so that no file of a quantifier is
    passed over in silence. Where the same samples stand there in several kinds, genes before transcripts, the first
    kind is taken with a word about the rest.

    Parameters
    ----------
    folder
        Where they are.
    told
        Whether what is passed over was said before.

    Raises
    ------
    InputError
        There are none, or files of another kind hold samples that the first kind does not have; a folder below it may
        not be looked into, or there are too many files.
    """
    files = _files_below(folder)
    names = {path: _COMPRESSED.sub("", path.name) for path in files}
    by_kind = [[path for path in files if any(fnmatchcase(names[path], one) for one in kind)] for kind in _KINDS]
    known = {path for kind in by_kind for path in kind}
    others = [
        path
        for path in files
        if path not in known and not path.name.startswith(".") and (not known or names[path].lower().endswith(_TEXT))
    ]
    if len(others) > _MANY_FILES:
        logger.info("%s: looking into %s for what a quantifier wrote", folder, plural(len(others), "file"))
    tables = {path: quantifier_of(path) for path in others}
    if known:
        by_kind[_KINDS.index(_HTSEQ)] += [path for path, kind in tables.items() if kind == "counts"]
        by_kind.append([path for path, kind in tables.items() if kind == "columns"])
        kinds = [sorted(kind) for kind in by_kind if kind]
        _refuse_other_samples(folder, told, *kinds)
        found = kinds[0]
    else:
        found = [path for path, kind in tables.items() if kind]
    if found:
        watch(found)
        _tell_others(folder, told, [path for path, kind in tables.items() if not kind])
        return found
    raise InputError(
        f"{folder}: is a folder without files of a quantifier (salmon, kallisto, RSEM, StringTie, STAR, HTSeq, GDC); "
        "name the expression files in it"
    )


def _files_below(folder: Path) -> list[Path]:
    """Return all files, in the order of their names; what cannot be looked at is not passed over."""
    found: list[Path] = []
    followed = {folder.resolve()}

    def refuse(error: OSError) -> NoReturn:
        reason = f"{error.filename} cannot be looked at ({reason_of(error)}), and may hold samples"
        raise InputError(f"{folder}: {reason}; mend it, or name the files that are to be read") from error

    try:
        for at, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
            folders[:] = [name for name in folders if not _leads_back(Path(at, name), followed)]
            found += [path for path in (Path(at, name) for name in names) if stat.S_ISREG(path.stat().st_mode)]
            if len(found) > _MOST_FILES:
                raise InputError(f"{folder}: holds more than {_MOST_FILES:,} files; name the folder of one study in it")
    except OSError as error:
        refuse(error)
    return sorted(found)


def _leads_back(folder: Path, followed: set[Path]) -> bool:
    """Tell whether a folder is a link to what is looked at in any case; a link to another one is noted as followed."""
    if not folder.is_symlink():
        return False
    real = folder.resolve()
    if any(real.is_relative_to(one) or one.is_relative_to(real) for one in followed):
        return True
    followed.add(real)
    return False


def _refuse_other_samples(folder: Path, told: bool, first: list[Path], *others: list[Path]) -> None:
    """Raise InputError where other kinds of files hold samples that the first kind lacks; say what is passed over."""
    have = {sample_of_path(path) for path in first}
    for files in others:
        more = [path for path in files if path not in first and sample_of_path(path) not in have]
        if more:
            raise InputError(
                f"{folder}: holds files of several kinds, such as {first[0]} and {more[0]}, of different samples; name "
                "the files of one kind with --study, or put each kind into a folder of its own"
            )
        passed = [path for path in files if path not in first]
        if passed and not told:
            logger.warning(
                "%s: passed over, as %s is read of the same sample: %s such as %s; name those to have them",
                folder, first[0], plural(len(passed), "file"), passed[0],
            )  # fmt: skip


def _tell_others(folder: Path, told: bool, others: list[Path]) -> None:
    if others and not told:
        logger.info(
            "%s: passed over as no quantifier's: %s such as %s", folder, plural(len(others), "other file"), others[0]
        )


def files_behind(path: Path) -> list[Path]:
    """Return an input's files: those of a quantifier in a folder, else the file itself."""
    return quantifier_files(path, told=True) if path.is_dir() else [path]
