"""Find the samples of a file under the names that a table of metadata has for them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from clrna.donors import cell_line_donor
from clrna.io.matrix.quantification import sample_of_file
from clrna.io.matrix.unit_columns import sample_of_column

# Patient, type of sample, vial, and on to the aliquot.
_BARCODE = re.compile(
    r"(TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}|TARGET-\d{2}-[A-Z0-9]{6}|GTEX-[A-Z0-9]{4,5}(?=$|-\d{4}))"
    r"(?:(-\d{2})([A-Z]?|\d{2})((?:-[A-Z0-9]+)*))?"
)
# GEO names the files of a sample so, with the submitter's name behind; SRA those of a run.
_ACCESSION = re.compile(r"((?:GSM|[SED]R[RSX]|SAM(?:N|EA|D))\d{3,})(?![0-9A-Za-z])", re.IGNORECASE)

_LEAST_REST = 3
_NUMBERS = re.compile(r"\d[\W_]+\d")

# What Illumina's sequencers add to a sample's name: its number, lane, read and part.
# R1 and R2 alone may be replicates.
_LANE = re.compile(
    r"((_S\d+)?_L\d{3}(_R?[12])?(_001)?|_S\d+_R[12]_001)(\.f(ast)?q)?$|(_S\d+)?(_R?[12])?(_001)?\.f(ast)?q$"
)


def match_names(samples: Sequence[str], known: Iterable[str]) -> dict[str, str]:
    """Return for each sample that a table knows the table's name of it.

    Parameters
    ----------
    samples
        Names in the expression file.
    known
        Names in the table, each once.

    Returns
    -------
    Names that are equal; of the others those that are equal without regard to case and to what R makes of
    punctuation (``X1.a`` for ``1-a``), then those that are the name of a file without its endings, then those
    that are equal without what else is added to names (:func:`bare_name`), and without zeros before
    numbers (``S01`` is ``S1``), then those of the folder of a file (``S1/Aligned.out.bam``), then those that begin
    with one accession (:func:`accession`), then those of one cell
    line (:func:`line_name`). A name that so fits two of the other side fits none. Last, barcodes of TCGA, TARGET and
    GTEx of which one is the beginning of the other: that of a patient in the table serves all samples of the patient.
    Where nothing fits, names without the one beginning or end that all of a side have (``Sample_A1``,
    ``A1 [RNA-Seq]``), if then all of the data's or all of the table's fit.
    """
    names = dict.fromkeys(map(str, known))
    found = {name: name for name in samples if name in names}
    for form in (plain_name, sample_of_file, bare_name, without_zeros, folder_name, accession, line_name):
        left = [name for name in samples if name not in found]
        if not left:
            break
        taken = set(found.values())
        found |= _match_by(form, left, [name for name in names if name not in taken])
    found |= _match_barcodes([name for name in samples if name not in found], list(names))
    return found or _match_without_common_part(list(dict.fromkeys(samples)), list(names))


def best_keys(obs: pd.DataFrame, inside: np.ndarray, key: str, known: Sequence[str]) -> np.ndarray:
    """Return the names by which a table is to be joined: the samples' own, or a column called as the table's key.

    DepMap names a profile in one column and the model, which its table of models describes, in another.

    Parameters
    ----------
    obs
        Of the expression file.
    inside
        Which samples the table is for, shape (samples,).
    key
        The table's column with names.
    known
        The names in it.

    Returns
    -------
    Shape (chosen samples,), text.
    """
    own = obs.index.to_numpy(dtype=object)[inside].astype(str)
    best, most = own, len(match_names(own.tolist(), known))
    for column in obs.columns:
        if plain_name(str(column)) == plain_name(key):
            values = obs[column].astype(str).to_numpy(dtype=object)[inside]
            count = sum(value in match_names(values.tolist(), known) for value in values)
            if count > most:
                best, most = values, count
    return best


def plain_name(name: str) -> str:
    """Return a name without what R's make.names and spreadsheets change."""
    return re.sub(r"^X(?=[\d.])", "", re.sub(r"[^0-9A-Za-z]+", ".", name.strip())).casefold()


def bare_name(name: str) -> str:
    """Return a name without the lane and read of its file, a unit, GDSC's ``DATA.``, and the ``.0`` of pandas."""
    bare = _LANE.sub("", sample_of_file(name.strip()))
    bare = re.sub(r"^(?:DATA[._])(?=\d)", "", re.sub(r"^(\d+)\.0$", r"\1", sample_of_column(bare)))
    return plain_name(bare)


def without_zeros(name: str) -> str:
    """Return the bare name without zeros before its numbers, which spreadsheets take."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", bare_name(name))


def folder_name(name: str) -> str:
    """Return the bare name of the folder in a path (``star/S1/Aligned.out.bam``), else the name."""
    parts = [part for part in name.strip().split("/") if part]
    return bare_name(parts[-2]) if len(parts) > 1 else bare_name(name)


def accession(name: str) -> str:
    """Return the accession of GEO or SRA that a name begins with (``GSM7001_tumor.CEL.gz``), else the name."""
    found = _ACCESSION.match(name.strip())
    return found[1].casefold() if found else name


def line_name(name: str) -> str:
    """Return the form in which names of a cell line agree: ``786-O``, ``786O_KIDNEY``. Numbers are not run together."""
    return name if _NUMBERS.search(name) else cell_line_donor(name) or name


def _match_by(form: Callable[[str], str], samples: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    by_form: dict[str, str] = {}
    counts = Counter(map(form, known))
    for name in known:
        if counts[form(name)] == 1:
            by_form[form(name)] = name
    of_samples = Counter(form(name) for name in dict.fromkeys(samples))
    return {name: by_form[form(name)] for name in samples if form(name) in by_form and of_samples[form(name)] == 1}


def _match_without_common_part(samples: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Match names of which one side has a common beginning or end, by some punctuation, that the other has not."""
    for step in (1, -1):  # an end is the beginning of what is read backwards
        own, theirs = ({name: bare_name(name)[::step] for name in names} for names in (samples, known))
        found = _match_rests(own, theirs, _common_prefix(list(own.values())), "") or _match_rests(
            own, theirs, "", _common_prefix(list(theirs.values()))
        )
        if found:
            return found
    return {}


def _match_rests(own: dict[str, str], theirs: dict[str, str], of_samples: str, of_known: str) -> dict[str, str]:
    """Match names, given in a form, of which one side is without its beginning, if all of one side then match."""
    if not of_samples and not of_known:
        return {}
    rest = {name: form[len(of_samples) :] for name, form in own.items()}
    short = {name: form[len(of_known) :] for name, form in theirs.items()}
    cut = rest if of_samples else short
    if any(len(name) < _LEAST_REST and name.isdigit() for name in cut.values()):
        return {}  # 1, 2 and 3 are in any table
    by_rest = {text: name for name, text in short.items()}
    found = {name: by_rest[text] for name, text in rest.items() if text in by_rest}
    distinct = len(by_rest) == len(short) and len(set(rest.values())) == len(rest)
    return found if distinct and len(found) in (len(own), len(theirs)) else {}


def _common_prefix(forms: Sequence[str]) -> str:
    """Return what all plain names begin with, up to and with the last point; '' of a single name."""
    if len(forms) < 2:
        return ""
    first, last = min(forms), max(forms)
    alike = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), 0)
    return first[: first.rfind(".", 0, alike) + 1]


def _match_barcodes(samples: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Return the table's name of each barcode: the longest beginning of it, else the only one that goes on from it."""
    whole = {name: found for name in known if (found := _levels(name))}
    by_level = {levels[0]: name for name, levels in whole.items()}
    going_on: dict[str, list[str]] = {}
    for name, levels in whole.items():
        for level in levels[1:]:
            going_on.setdefault(level, []).append(name)
    matched = {}
    for sample in samples:
        levels = _levels(sample)
        longer = going_on.get(levels[0], []) if levels else []
        name = next((by_level[level] for level in levels if level in by_level), longer[0] if len(longer) == 1 else "")
        if name:
            matched[sample] = name
    return matched


def _levels(name: str) -> list[str]:
    """Return a barcode of TCGA, TARGET or GTEx and what it begins with, down to the patient; none for other names."""
    barcode = _BARCODE.fullmatch(re.sub(r"[._]", "-", name.strip().upper()))
    if not barcode:
        return []
    patient, sample, vial, rest = barcode.groups(default="")
    levels = [patient, patient + sample, patient + sample + vial]
    for part in re.findall(r"-[^-]+", rest):
        levels.append(levels[-1] + part)
    return list(dict.fromkeys(reversed(levels)))
