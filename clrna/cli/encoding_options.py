"""The options of the executables that encode samples."""

import argparse

from clrna.cli import options
from clrna.encode.options import EncodeOptions


def add_encoding_options(usual: argparse._ActionsContainer, group: argparse._ActionsContainer) -> None:
    """Add how studies are placed and what is done about genes and units, to the usual options or to a group."""
    usual.add_argument(
        "--adapt", choices=("auto", "study", "none"), default=EncodeOptions.adapt,
        help="auto: place each study by what its samples, one at a time, say of their tissues, without its labels; "
        "study: by its own gene statistics, where it has enough samples of many tissues; none: each sample alone, so "
        "that a sample's code does not depend on its neighbours",
    )  # fmt: skip
    group.add_argument(
        "--adapt-min-samples", type=options.whole_number(2), default=EncodeOptions.adapt_min_samples, metavar="N",
        help="with --adapt study, studies with fewer samples are treated as with auto",
    )  # fmt: skip
    group.add_argument(
        "--min-coverage", type=options.number(0, 1), default=EncodeOptions.min_coverage, metavar="SHARE",
        help="refuse an input with a smaller share of the model's genes; by default the model decides: one of the "
        "default preset takes any and marks samples with less than 0.4 as unlike the training data, others want 0.8",
    )  # fmt: skip
    usual.add_argument(
        "--input-scale", default=EncodeOptions.input_scale, metavar="SCALE|STUDY=SCALE,...",
        help="what the values are, with the names that clrna-normalize takes; one for all studies or one a study; auto "
        "takes obs['scale'], else looks at the values",
    )  # fmt: skip
    options.add_gene_id_option(group)


def add_chunk_option(group: argparse._ActionsContainer) -> None:
    """Add how many samples are worked on at a time."""
    group.add_argument(
        "--chunk-size",
        type=options.whole_number(1),
        default=EncodeOptions.chunk_size,
        metavar="N",
        help="samples held in memory at a time",
    )
