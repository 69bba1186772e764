"""The split into train, valid and test: stratified by label, one donor on one side, the same for every order."""

import hashlib
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from clrna.constants import SPLITS
from clrna.errors import UsageError

TRAIN, VALID, TEST = SPLITS


def parse_fractions(words: Sequence[str]) -> tuple[float, float, float]:
    """Read the three shares of ``--split-fractions``.

    Raises
    ------
    UsageError
        They are not three numbers from 0 to 1 that sum to 1, or train gets nothing.
    """
    try:
        train, valid, test = (float(word) for word in words)
    except ValueError:
        train = valid = test = float("nan")
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

    Donors are taken one after the other, those with most samples first and else in an order drawn from
    the seed, and each goes where its labels, within its studies and over all of them, lack most. The
    result depends on the seed and the donors' names, not on the order of the samples.

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
    label_codes = pd.factorize(frame["label"], sort=True)[0]
    cell_codes = frame.groupby(["label", "study"], sort=True).ngroup().to_numpy()
    label_need = np.outer(np.bincount(label_codes), fractions)
    cell_need = np.outer(np.bincount(cell_codes), fractions)
    total_need = len(frame) * fractions
    rows_of = {str(donor): rows for donor, rows in frame.groupby("donor", sort=True).indices.items()}
    chosen: dict[str, str] = {}
    for donor in sorted(rows_of, key=lambda name: (-len(rows_of[name]), _draw(seed, name))):
        rows = rows_of[donor]
        need = label_need[label_codes[rows]].sum(axis=0) + cell_need[cell_codes[rows]].sum(axis=0)
        # The overall balance decides between equals only; a split without a share gets nothing.
        score = np.where(fractions > 0, np.round(need, 9) + 1e-12 * total_need, -np.inf)
        side = int(np.argmax(score))
        np.subtract.at(label_need[:, side], label_codes[rows], 1.0)
        np.subtract.at(cell_need[:, side], cell_codes[rows], 1.0)
        total_need[side] -= len(rows)
        chosen[donor] = SPLITS[side]
    return chosen


def _draw(seed: int, donor: str) -> bytes:
    """Return a number that depends on seed and donor only, uniform over donors."""
    return hashlib.blake2b(f"{seed}\0{donor}".encode(), digest_size=16).digest()
