"""``clrna-plot``: figures of embeddings and the report."""

import argparse
import sys
from collections.abc import Sequence

from clrna.cli import options, runtime
from clrna.constants import SAMPLE_CATEGORY, STUDY, TISSUE

DESCRIPTION = """\
Write one self-contained interactive HTML report, or, where the output ends in .png, .svg or .pdf, one figure.
The report says what was done, how good it is on studies that the model never saw, beside ComBat, and shows the
embeddings coloured by label, study and category, the confusion matrix and the training curves."""

FIGURES = ("embedding", "confusion", "history", "scores")


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-plot``."""
    parser = options.new_parser("plot", DESCRIPTION)
    options.existing_file(
        parser,
        "input",
        nargs="+",
        metavar="INPUT",
        help="AnnData files with embeddings, joined on sample names",
    )
    options.add_output_option(parser, "the report (.html) or one figure (.png, .svg, .pdf)", metavar="FILE.html")
    group = parser.add_argument_group("content")
    options.existing_file(group, "--scores", default=None, metavar="FILE.tsv", help="scores from clrna-score")
    options.existing_file(
        group, "--history", default=None, metavar="FILE.tsv", help="curves from clrna-train --history"
    )
    group.add_argument("--title", default=None, metavar="TEXT", help="title of the report or figure")
    group.add_argument("--figure", choices=FIGURES, default="embedding", help="what a .png, .svg or .pdf output shows")
    group.add_argument(
        "--embeddings", type=options.comma_list, default=None, metavar="KEY,...",
        help="obsm keys to draw (default: every one that starts with X_)",
    )  # fmt: skip
    group.add_argument(
        "--projections", type=options.comma_list, default=["umap", "pca", "tsne"], metavar="NAME,...",
        help="how an embedding is brought to two dimensions: umap, pca, tsne; a figure shows the first",
    )  # fmt: skip
    group.add_argument(
        "--color-by", type=options.comma_list, default=[TISSUE, STUDY, SAMPLE_CATEGORY], metavar="COLUMN,...",
        help="obs columns to colour by",
    )  # fmt: skip
    group.add_argument(
        "--max-points", type=options.whole_number(10), default=5000, metavar="N",
        help="samples drawn at most, a stratified sample beyond",
    )  # fmt: skip
    group.add_argument("--dpi", type=options.whole_number(20), default=150, metavar="N", help="resolution of a .png")
    options.add_key_options(parser, layer=False)
    options.add_general_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-plot`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Join, draw, write."""
    raise SystemExit(f"not written: {args.output}")


if __name__ == "__main__":
    sys.exit(main())
