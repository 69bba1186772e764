"""How samples are to be encoded, as Python users say it: checked, and in the words of the core."""

from collections.abc import Mapping
from typing import Any

from clrna.api.parameters import check_choice, check_number, scales_of
from clrna.encode.options import EncodeOptions


def encode_options(
    *,
    adapt: str,
    adapt_min_samples: int,
    min_coverage: float | None,
    input_scale: str | Mapping[str, str],
    gene_id: str,
    chunk_size: int,
    **others: Any,
) -> EncodeOptions:
    """Return the options of encoding.

    Parameters
    ----------
    adapt, adapt_min_samples, min_coverage, input_scale, gene_id, chunk_size
        As :func:`clrna.tl.encode` takes them.
    **others
        Further fields of the options, taken as they are.

    Raises
    ------
    UsageError
        A value makes no sense.
    """
    check_choice("adapt", adapt, ("auto", "study", "none"))
    check_choice("gene_id", gene_id, ("auto", "symbol", "ensembl", "entrez"))
    check_number("adapt_min_samples", adapt_min_samples, 2, whole=True)
    check_number("chunk_size", chunk_size, 1, whole=True)
    if min_coverage is not None:
        check_number("min_coverage", min_coverage, 0, 1)
    return EncodeOptions(
        adapt=adapt, adapt_min_samples=adapt_min_samples, min_coverage=min_coverage,
        input_scale=",".join(scales_of(input_scale)), gene_id=gene_id, chunk_size=chunk_size, **others,
    )  # fmt: skip
