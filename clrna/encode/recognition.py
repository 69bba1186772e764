"""Recognise what a model was trained on by its codes, whatever study and donors are called.

The code of a sample that is encoded again lies next to the one that the model holds of it. So a sample is known where
a file names no donors, and a study that goes by another name. The bounds were set on the packaged model: its own
studies under other names and without donors, whole, in tens and one by one, and cohorts that it lacks, see
benchmarks/transfer/NOTES.md.
"""

import dataclasses
import logging
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.donors import own_donor_where_unknown
from clrna.encode.encoded_block import EncodedBlock
from clrna.encode.plan import study_called
from clrna.metrics.neighbors import closeness_in_chunks
from clrna.model.model import Model
from clrna.plural import plural
from clrna.quoted import quoted

logger = logging.getLogger("clrna")

# Cosine of a sample with the nearest reference sample from which the two are one, or replicates; by how much that is to
# be nearer than any sample of another donor; and where it is so clearly.
_SAME, _LEAD, _CLEAR = 0.96, 0.01, 0.03
# Single ones may be so by chance where a model is small or its classes are plain: a smaller share does not count.
_SOME = 0.2
# A study is one that the model holds where at least this share of its samples are known so, ...
_SHARE = 0.5
# ... or where, of this many or more, nearly all have a nearest one of their own in one study, most of them clearly.
_FEWEST, _NEARLY_ALL, _MEDIAN_SAME = 10, 0.95, 0.85
# Samples that are compared at once.
_ROWS = 256


@dataclasses.dataclass(frozen=True)
class Recognized:
    """What was recognised.

    Attributes
    ----------
    samples
        Whether the model was trained on the sample or on a replicate of it, shape (samples,).
    known_as
        For studies whose samples, or replicates of them, the model holds under another name: which study it is there.
    """

    samples: NDArray[np.bool_]
    known_as: Mapping[str, str]

    def log(self, studies: NDArray, told: NDArray[np.bool_]) -> None:
        """Say which studies, or samples of studies, are known though the file does not say so.

        Parameters
        ----------
        studies
            Of each sample, as text.
        told
            Samples that are known by the names of their donors.
        """
        names = studies.astype(str)
        for study in sorted({*names[self.samples & ~told].tolist(), *self.known_as}):
            n = int((self.samples & (names == study)).sum())
            what = f"of {plural(int((names == study).sum()), 'sample')} {n} are, by their codes, "
            of = f"samples of {quoted(self.known_as[study])}" if study in self.known_as else "samples"
            logger.warning(
                "%s: %s%s that the model was trained on, or replicates of these; they do not count as unseen",
                study_called(study), what, of,
            )  # fmt: skip


class Recognizer:
    """Compares codes with those that a model holds, some samples at a time.

    Parameters
    ----------
    model
        The model; one that holds no reference samples recognises none.
    studies
        Of each sample as text, '' where unknown.
    known
        Samples of studies that the model knows by name; they are not looked at, and nothing is said of them.
    """

    def __init__(self, model: Model, studies: NDArray, known: NDArray[np.bool_]) -> None:
        self.known = known
        self._of_sample = studies.astype(str)
        self._near = np.full(len(known), -1, dtype=np.intp)
        self._cosine, self._lead = np.full(len(known), -1.0), np.zeros(len(known))
        transfer = model.transfer
        references = None if transfer is None else transfer.references
        self._is_there = transfer is not None and references is not None and len(transfer.codes) > 0
        if transfer is None or references is None:
            return
        self._codes = np.asarray(transfer.codes, dtype=np.float32)
        self._names, self._study = np.unique(references.studies.astype(str), return_inverse=True)
        # Without donors a replicate in another study would be a rival, so the nearest one's own study is looked at.
        self._donor = np.arange(len(self._codes))
        self._has_donors = references.donors is not None
        if references.donors is not None:
            self._donor = own_donor_where_unknown(references.donors)

    def watch(self, blocks: Iterator[EncodedBlock]) -> Iterator[EncodedBlock]:
        """Yield blocks as they come, and look at their codes."""
        for block in blocks:
            self.look(block.rows, block.codes)
            yield block

    def look(self, rows: slice, codes: NDArray) -> None:
        """Find the nearest reference sample of each code, and its lead."""
        if not self._is_there:
            return
        new = np.flatnonzero(~self.known[rows])
        for some in (new[start : start + _ROWS] for start in range(0, len(new), _ROWS)):
            at = some + rows.start
            for part, closeness in closeness_in_chunks(codes[some], self._codes, "cosine"):
                here = at[part]
                nearest = closeness.argmax(axis=1)
                self._near[here], self._cosine[here] = nearest, closeness.max(axis=1)
                no_rival = self._donor[nearest][:, None] == self._donor[None, :]
                if not self._has_donors:
                    no_rival |= self._study[nearest][:, None] != self._study[None, :]
                closeness[no_rival] = -1.0
                self._lead[here] = self._cosine[here] - closeness.max(axis=1)

    def result(self) -> Recognized:
        """Return what was recognised."""
        known, studies = self.known, self._of_sample
        same = self._cosine >= _SAME  # of none that is known by name, for these are not looked at
        found, known_as = np.zeros(len(same), dtype=bool), {}
        for study in sorted(set(studies[~known].tolist())) if self._is_there else []:
            rows = np.flatnonzero(~known & (studies == study))
            counts = np.bincount(self._study[self._near[rows]])
            is_one = study != UNLABELLED and counts.max() / len(rows) >= _NEARLY_ALL
            share = (same[rows] & (self._lead[rows] >= _LEAD)).mean()
            clear = same[rows] & (self._lead[rows] >= _CLEAR)
            if is_one and (share >= _SHARE or self._is_one_to_one(rows)):
                known_as[study] = str(self._names[counts.argmax()])
                found[rows] = True
            elif clear.mean() >= _SOME:
                found[rows] = clear
        return Recognized(found, known_as)

    def _is_one_to_one(self, rows: NDArray[np.intp]) -> bool:
        """Return whether nearly every sample has a reference sample of its own as its nearest, by a clear lead."""
        distinct = len(np.unique(self._near[rows])) / len(rows)
        clear = np.median(self._cosine[rows]) >= _MEDIAN_SAME and np.median(self._lead[rows]) >= _CLEAR
        return len(rows) >= _FEWEST and distinct >= _NEARLY_ALL and bool(clear)


def recognize(model: Model, codes: NDArray, studies: NDArray, known: NDArray[np.bool_]) -> Recognized:
    """Recognise samples all of whose codes are there.

    Parameters
    ----------
    model
        That made the codes.
    codes
        Shape (samples, latent).
    studies, known
        As for :class:`Recognizer`.
    """
    recognizer = Recognizer(model, studies, known)
    recognizer.look(slice(0, len(codes)), codes)
    return recognizer.result()
