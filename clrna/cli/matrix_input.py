"""An input of ``clrna-encode`` that is no AnnData file: normalized first, as ``clrna-normalize`` does it."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from clrna.cli import normalize, options
from clrna.constants import DONOR, STUDY

# Options of clrna-encode that decide how a matrix is read, under the names that clrna-normalize has them.
_SHARED = (
    "study", "metadata", "sample_column", "orientation", "gene_map", "gene_id", "layer", "seed", "threads", "output",
)  # fmt: skip

# Options of the encoder that a normalized file needs, whatever those of the matrix are.
AS_NORMALIZED: Final[dict[str, Any]] = {
    "input_scale": "auto", "gene_id": "auto", "layer": None, "study_key": STUDY, "donor_key": DONOR,
}  # fmt: skip


def write_normalized(args: argparse.Namespace, model_scales: Sequence[str], path: Path) -> None:
    """Normalize the input of ``clrna-encode`` and write it as AnnData.

    Every option that is not the encoder's has the default of ``clrna-normalize``, but that counts become a unit that
    the model knows, and that no label is left out for being rare: nothing is trained on this file.

    Parameters
    ----------
    args
        Options of ``clrna-encode``.
    model_scales
        Scales of the training data.
    path
        The file to write.
    """
    from clrna.io.hdf5.anndata_errors import elements_named
    from clrna.io.hdf5.h5ad import write_scratch
    from clrna.normalize.normalized_file import normalized_file

    asked = normalize.get_parser().parse_args(["input", "--output", "output"])
    for name in _SHARED:
        setattr(asked, name, getattr(args, name))
    asked.input = [args.input]
    asked.input_scale = options.comma_list(args.input_scale)
    asked.study_key = None if args.study_key == STUDY else args.study_key
    asked.donor_key = None if args.donor_key == DONOR else args.donor_key
    asked.counts_to = _unit_for_counts(model_scales) or asked.counts_to
    asked.min_class_size = 1
    adata = normalized_file(asked.input, normalize.normalize_settings(asked), asked).adata
    with elements_named(args.input):
        write_scratch(adata, path)


def _unit_for_counts(model_scales: Sequence[str]) -> str:
    return next((unit for unit in ("tpm", "cpm", "tmm") if f"log2_{unit}1" in model_scales), "")
