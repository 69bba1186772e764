"""``clrna-score``: how well embeddings bring studies together, side by side."""

import argparse
import sys
from collections.abc import Sequence

from clrna.cli import options, runtime

DESCRIPTION = """\
Score embeddings side by side. The headline is transfer: tissue found by nearest neighbours in other studies,
and the same donor found again in another study, on studies and donors that the model was not trained on.
Cluster and batch-mixing metrics (silhouette, Calinski-Harabasz, Davies-Bouldin, BRAS, LISI, kBET, PCR) are
reported beside it, with bootstrap intervals, the number of samples behind each, and a reason where one
cannot be computed."""


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-score``."""
    parser = options.new_parser("score", DESCRIPTION)
    options.existing_file(
        parser,
        "input",
        nargs="+",
        metavar="INPUT",
        help="AnnData files with embeddings, joined on sample names",
    )
    options.add_output_option(parser, "the scores, one a row", metavar="FILE.tsv")
    outputs = parser.add_argument_group("further outputs")
    options.output_file(outputs, "--json", default=None, metavar="FILE.json", help="the same scores as JSON")
    options.output_file(
        outputs, "--mqc", default=None, metavar="FILE_mqc.json", help="the headline as MultiQC custom content"
    )
    options.output_file(
        outputs, "--output-h5ad", default=None, metavar="FILE.h5ad",
        help="the first input with all embeddings, and the scores in uns['clrna']['scores']",
    )  # fmt: skip
    group = parser.add_argument_group("scores")
    group.add_argument(
        "--embeddings", type=options.comma_list, default=None, metavar="KEY,...",
        help="obsm keys to score (default: every one that starts with X_)",
    )  # fmt: skip
    group.add_argument(
        "--metrics", type=options.comma_list, default=None, metavar="METRIC,...",
        help="metrics to compute (default: all; an unknown name lists them)",
    )  # fmt: skip
    group.add_argument(
        "--n-neighbors",
        type=options.whole_number(1),
        default=5,
        metavar="K",
        help="neighbours of the kNN metrics",
    )
    group.add_argument(
        "--distance", choices=("cosine", "euclidean"), default="cosine", help="distance of the kNN metrics"
    )
    group.add_argument(
        "--bootstrap", type=options.whole_number(0), default=200, metavar="N",
        help="bootstrap resamples behind each 95 %% interval; 0 for none",
    )  # fmt: skip
    group.add_argument(
        "--max-samples", type=options.whole_number(10), default=5000, metavar="N",
        help="metrics whose cost grows with the square of the samples take a stratified sample of so many",
    )  # fmt: skip
    options.add_split_option(group)
    options.add_key_options(parser, layer=False)
    options.add_general_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-score`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Join, score, write."""
    raise SystemExit(f"not written: {args.output}")


if __name__ == "__main__":
    sys.exit(main())
