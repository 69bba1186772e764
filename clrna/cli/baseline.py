"""``clrna-baseline``: the embeddings that a model has to beat."""

import argparse
import sys
from collections.abc import Sequence

from clrna.cli import options, runtime

DESCRIPTION = """\
Compute PCA, ComBat, Harmony and per-study standardized embeddings of the same samples, to be scored beside
the model's. Before anything is computed the design is checked: batches with one sample, covariates confounded
with the study and missing values are all named in one error."""

METHODS = ("pca", "combat", "harmony", "standardized")


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-baseline``."""
    parser = options.new_parser("baseline", DESCRIPTION)
    options.existing_file(parser, "input", metavar="INPUT", help="AnnData file with at least two studies")
    options.add_output_option(parser, "the input with the embeddings added to obsm")
    group = parser.add_argument_group("baselines")
    group.add_argument(
        "--methods", type=options.comma_list, default=list(METHODS), metavar="METHOD,...",
        help="which of pca, combat, harmony and standardized; written to X_pca, X_combat, X_harmony, X_standardized",
    )  # fmt: skip
    group.add_argument(
        "--n-comps",
        type=options.whole_number(1),
        default=50,
        metavar="N",
        help="principal components of each",
    )
    group.add_argument(
        "--covariates", type=options.comma_list, default=None, metavar="COLUMN,...",
        help="obs columns whose effect ComBat keeps; refused where they are confounded with the study",
    )  # fmt: skip
    group.add_argument(
        "--corrected-layer",
        action="store_true",
        help="also keep ComBat's corrected expression as layer combat",
    )
    options.output_file(
        group, "--design-report", default=None, metavar="FILE.tsv",
        help="table of study x label with what is confounded, written even where the design is refused",
    )  # fmt: skip
    options.add_key_options(parser, donor=False)
    options.add_general_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-baseline`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Check the design, compute, write."""
    raise SystemExit(f"not written: {args.output}")


if __name__ == "__main__":
    sys.exit(main())
