"""Tables that CLRNA's own executables write, told by their columns: they are no matrix, samples or map of genes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clrna.errors import InputError

# Columns that together no other table has; each of those that are written has all of its own.
_OF: Final = (
    ({"match", "match_study", "match_label", "similarity", "rank_in_label"}, "clrna-match", "the nearest samples"),
    ({"against", "direction", "gene", "ensembl_id", "contribution"}, "clrna-explain", "what genes add to labels"),
    ({"embedding", "metric", "value", "in_sample", "headline"}, "clrna-score", "scores"),
    ({"epoch", "train_cost"}, "clrna-train", "the costs of a training"),
)


def refuse_own_table(path: Path, names: Sequence[str]) -> None:
    """Raise InputError where a header is that of a result of CLRNA, which tells nothing of expression or samples."""
    for columns, program, what in _OF:
        if columns <= set(names):
            raise InputError(
                f"{path}: is a table that {program} writes ({what}), for clrna-plot, and no expression, metadata or "
                "map of genes; give the file that was meant"
            )
