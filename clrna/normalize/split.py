"""The split into train, valid and test: stratified by label, one donor on one side, the same for every order."""

import hashlib
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from clrna.constants import SPLITS
from clrna.errors import UsageError
from clrna.plain_numbers import number_in

TRAIN, VALID, TEST = SPLITS


def parse_fractions(words: Sequence[str]) -> tuple[float, float, float]:
    """Read the three shares of ``--split-fractions``.

    Raises
    ------
    UsageError
        They are not three numbers from 0 to 1 that sum to 1, or train gets nothing.
    """
    train, valid, test = map(number_in, words) if len(words) == len(SPLITS) else [float("nan")] * len(SPLITS)
    if not (train > 0 and valid >= 0 and test >= 0 and abs(train + valid + test - 1.0) < 1e-6):
        raise UsageError(
            f"--split-fractions {','.join(words)}: give three shares for train, valid and test that sum to 1, "
            "train above 0, for example 0.8,0.1,0.1"
        )
    return train, valid, test


def assign_split(
    labels: Sequence[str],
    donors: Sequence[str],
    studies: Sequence[str],
    *,
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
    held_out: Collection[str] = (),
    seed: int = 0,
) -> np.ndarray:
    """Put every sample into train, valid or test.

    Donors are dealt out one after the other, those with most samples first and else in an order drawn from
    the seed, and each goes where its labels, within its studies and over all of them, lack most of what
    is due after the donors before. The result depends on the seed and the donors' names, not on the order
    of the samples.

    Parameters
    ----------
    labels
        Label of each sample; '' (unlabelled) is a stratum of its own.
    donors
        The biological sample behind each sample: all samples of a donor go to one side.
    studies
        Study of each sample.
    fractions
        Shares of train, valid and test.
    held_out
        Studies that go to test as a whole. A donor of theirs takes its samples in other studies along.
    seed
        Of the order of the donors.

    Returns
    -------
    Object array of ``train``, ``valid``, ``test``, one a sample.
    """
    frame = pd.DataFrame({"label": labels, "donor": donors, "study": studies})
    split = np.full(len(frame), TEST, dtype=object)
    gone = frame["donor"].isin(set(frame.loc[frame["study"].isin(list(held_out)), "donor"]))
    rest = frame[~gone]
    if len(rest):
        chosen = _fill(rest, np.array(fractions), seed)
        split[~gone.to_numpy()] = rest["donor"].map(chosen).to_numpy(dtype=object)
    return split


def _fill(frame: pd.DataFrame, fractions: np.ndarray, seed: int) -> dict[str, str]:
    """Return the split of each donor."""
    strata = np.column_stack(
        [
            frame.groupby("label", sort=True).ngroup(),
            frame.groupby(["label", "study"], sort=True).ngroup() + frame["label"].nunique(),
        ]
    )
    lack = np.zeros((strata.max() + 1, len(SPLITS)))
    total_lack = np.zeros(len(SPLITS))
    rows_of = {str(donor): rows for donor, rows in frame.groupby("donor", sort=True).indices.items()}
    chosen: dict[str, str] = {}
    for donor in sorted(rows_of, key=lambda name: (-len(rows_of[name]), _draw(seed, name))):
        here = strata[rows_of[donor]].ravel()
        # What each side ought to have of those that were dealt out so far, this donor included, less what it has:
        # so every stretch of the order is split in the shares asked for, donors of several samples too.
        np.add.at(lack, here, fractions)
        total_lack += len(rows_of[donor]) * fractions
        # The overall balance decides between equals only; a side without a share gets nothing.
        score = np.round(lack[here].sum(axis=0), 9) + 1e-12 * total_lack
        side = int(np.argmax(np.where(fractions > 0, score, -np.inf)))
        np.subtract.at(lack[:, side], here, 1.0)
        total_lack[side] -= len(rows_of[donor])
        chosen[donor] = SPLITS[side]
    return chosen


def _draw(seed: int, donor: str) -> bytes:
    """Return a number that depends on seed and donor only, uniform over donors."""
    return hashlib.blake2b(f"{seed}\0{donor}".encode(), digest_size=16).digest()
