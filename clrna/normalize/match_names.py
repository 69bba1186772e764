"""Find the samples of a file under the names that a table of metadata has for them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from clrna.io.quantification import sample_of_file


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
    punctuation (``X1.a`` for ``1-a``), then those that are the name of a file without its endings. A name
    that so fits two of the other side fits none.
    """
    names = dict.fromkeys(map(str, known))
    found = {name: name for name in samples if name in names}
    for form in (plain_name, sample_of_file):
        left = [name for name in samples if name not in found]
        if not left:
            break
        taken = set(found.values())
        found |= _match_by(form, left, [name for name in names if name not in taken])
    return found


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


def _match_by(form: Callable[[str], str], samples: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    by_form: dict[str, str] = {}
    counts = Counter(map(form, known))
    for name in known:
        if counts[form(name)] == 1:
            by_form[form(name)] = name
    of_samples = Counter(form(name) for name in dict.fromkeys(samples))
    return {name: by_form[form(name)] for name in samples if form(name) in by_form and of_samples[form(name)] == 1}
