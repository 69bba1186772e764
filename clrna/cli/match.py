"""``clrna-match``: the reference samples that each sample is most like, and how much that says."""

import argparse
import sys
from collections.abc import Sequence

from clrna.cli import options, runtime
from clrna.constants import SAMPLE_CATEGORIES, SAMPLE_CATEGORY, X_CLRNA

SUMMARY = "find the reference samples that each sample is most like"

DESCRIPTION = """\
Name, for each encoded sample, the reference samples whose codes are most similar, with their study, donor, label and
sample category, and say what the similarity means: as close as replicates of one donor are, as samples of one label,
or no more than chance. What counts as close is learned from the reference's own samples across its studies. With
--from and --to it tells which cell line, xenograft or organoid a tumor is like, and the reverse."""

EXAMPLES = (
    (
        "The five nearest samples of a reference that the same model encoded",
        "clrna-match mine.h5ad reference.h5ad -o matches.tsv",
    ),
    (
        "Among the samples that the model itself holds",
        "clrna-match mine.h5ad model.safetensors -o matches.tsv",
    ),
    (
        "Which cell lines fit which tumor",
        "clrna-match mine.h5ad reference.h5ad -o lines.tsv --from tumor --to cell_line -k 10",
    ),
)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-match``."""
    parser = options.new_parser("match", DESCRIPTION, examples=EXAMPLES)
    options.existing_file(parser, "input", metavar="QUERY.h5ad", help="samples to match, from clrna-encode")
    options.model_file(
        parser, "reference", metavar="REFERENCE",
        help="samples to match with: an AnnData file that the same model encoded, or that model (.safetensors), which "
        "names its samples if trained with --keep-names; pan-cancer-small, which comes along, does",
    )  # fmt: skip
    options.add_output_option(parser, "the matches, one a row", metavar="FILE.tsv", text=True)
    parser.add_argument(
        "-k", "--n-matches", type=options.whole_number(1), default=5, metavar="K", help="matches of each sample"
    )
    known = ", ".join(SAMPLE_CATEGORIES)
    parser.add_argument(
        "--from", dest="from_category", default=None, metavar="CATEGORY",
        help=f"match only samples of this category, such as {known} (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--to", dest="to_category", default=None, metavar="CATEGORY",
        help="match only with reference samples of this category (default: all)",
    )  # fmt: skip
    group = parser.add_argument_group("matching")
    group.add_argument(
        "--own-study", action="store_true",
        help="match samples with others of their own study too; it shares their batch",
    )  # fmt: skip
    group.add_argument("--key", default=X_CLRNA, metavar="KEY", help="obsm key of the codes, in both files")
    group.add_argument(
        "--category-key", default=SAMPLE_CATEGORY, metavar="COLUMN", help="obs column that holds the sample category"
    )
    options.add_key_options(parser, layer=False)
    options.add_general_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-match`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Read, match, write."""
    from clrna.io.output.atomic import write_text
    from clrna.match.files import read_query, read_reference
    from clrna.match.run import match_samples
    from clrna.match.settings import MatchSettings
    from clrna.match.table import matches_as_tsv

    settings = options.values_of(args, MatchSettings)
    query, model = read_query(args.input, settings)
    reference = read_reference(args.reference, model, args.input, settings)
    write_text(args.output, matches_as_tsv(match_samples(query, reference, settings, args.input, args.reference)))


if __name__ == "__main__":
    sys.exit(main())
