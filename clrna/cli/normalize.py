"""``clrna-normalize``: expression files of several studies into one AnnData file."""

import argparse
import sys
from collections.abc import Sequence

from clrna.cli import options, reading, runtime
from clrna.constants import SAMPLE_CATEGORIES
from clrna.normalize.settings import NormalizeSettings
from clrna.plain_numbers import whole_in

SUMMARY = "bring expression files of several studies into one AnnData file"

DESCRIPTION = """\
Read one or more expression files (h5ad, tab or comma separated matrices, plain or gzip or zstd,
parquet, GCT, GEO series matrices, files of salmon, kallisto, RSEM, StringTie, STAR and HTSeq or a
folder of them, or the MoDaC file combined_rnaseq_data; docs/inputs.md has them all), bring units to
log2(x + 1), gene identifiers to current HGNC symbols, tissue and tumour-type names to one
vocabulary, and merge the studies into one AnnData file with a split into train, valid and test that
keeps a donor on one side. Merging files that were normalized one by one gives the same result as
giving all of them at once."""

EXAMPLES = (
    (
        "One study of counts, its samples described by a table",
        "clrna-normalize counts.tsv.gz --metadata samples.tsv -o study.h5ad",
    ),
    (
        "Look at what the files are taken for, and write nothing",
        "clrna-normalize gdsc.csv ccle.h5ad --check",
    ),
    (
        "Several studies, tables for two of them, genes that half of the studies have",
        "clrna-normalize gdsc.csv ccle.h5ad tcga.tsv --metadata gdsc=gdsc.tsv --metadata tcga=samples.tsv --genes 50% "
        "-o merged.h5ad",
    ),
    (
        "A folder of salmon's, RSEM's or another quantifier's files as one study",
        "clrna-normalize quantified/ --study MINE -o mine.h5ad",
    ),
)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-normalize``."""
    parser = options.new_parser("normalize", DESCRIPTION, examples=EXAMPLES)
    inputs = options.existing_file(
        parser, "input", nargs="+", metavar="INPUT",
        help="expression file of one or several studies, or a folder with the files of a quantifier, one a sample",
    )  # fmt: skip
    inputs.may_be_folder = True  # type: ignore[attr-defined]
    options.add_output_option(parser, "the merged AnnData file")
    parser.add_argument(
        "--check", action=options.WithoutOutput,
        help="read everything, print a table of what was found and what would be lost, and write nothing",
    )  # fmt: skip
    _add_reading(parser)
    _add_values(parser)
    _add_labels(parser)
    _add_merging(parser)
    _add_reports(parser)
    options.add_compression_option(parser.add_argument_group("output"))
    options.add_general_options(parser)
    return parser


def _add_reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("reading")
    reading.add_reading_options(parser, group)
    group.add_argument("--layer", default=None, metavar="NAME", help="layer of an h5ad input to read in place of X")
    group.add_argument(
        "--study-key", default=None, metavar="COLUMN",
        help="metadata column that names the study (default: study, batch, dataset, whichever is there)",
    )  # fmt: skip
    group.add_argument(
        "--donor-key", default=None, metavar="COLUMN",
        help="metadata column that names the donor (default: donor, patient, cell_line and alike, "
        "whichever is there, else read from the sample name)",
    )  # fmt: skip


def _add_values(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("units and genes")
    parser.add_argument(
        "--input-scale", type=options.comma_list, default="auto", metavar="SCALE|STUDY=SCALE,...",
        help="auto, or what the values are: counts, cpm, tpm, fpkm, intensity, ratio, their logarithms such as "
        "log2_tpm1, ln_cpm0.5 or log2_counts1 (the number is the pseudo-count), log2_expression, log2_intensity, "
        "log2_ratio, zscore; one for all studies or STUDY=SCALE for some",
    )  # fmt: skip
    group.add_argument(
        "--counts-to",
        choices=("tpm", "cpm", "tmm"),
        default=NormalizeSettings.counts_to,
        help="what counts are turned into before the log",
    )
    group.add_argument(
        "--missing", choices=("fill", "refuse"), default=NormalizeSettings.missing,
        help="values that are not finite: fill with the study's median of the gene, or refuse the file",
    )  # fmt: skip
    options.add_gene_id_option(group)
    group.add_argument(
        "--gene-key",
        default=None,
        metavar="COLUMN",
        help="var column of an h5ad input to take identifiers from",
    )
    reading.add_gene_map_option(group)
    group.add_argument(
        "--duplicates", choices=("auto", "mean", "sum", "max"), default=NormalizeSettings.duplicates,
        help="how columns of one gene are merged; max keeps the one with the highest mean, auto sums sequencing units "
        "that are no logarithms and averages all others",
    )  # fmt: skip
    parser.add_argument(
        "--genes", type=gene_rule, default=NormalizeSettings.genes, metavar="intersection|union|N%",
        help="genes to keep when studies are merged: those of all, of any, or of at least so many per cent of the "
        "studies; what a study lacks becomes the others' mean, and var says so",
    )  # fmt: skip


def _add_labels(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("labels")
    group.add_argument(
        "--tissue-key", default=None, metavar="COLUMN",
        help="metadata column with the raw tissue (default: tissue, primary_site and alike, whichever is there)",
    )  # fmt: skip
    group.add_argument(
        "--tumor-type-key", default=None, metavar="COLUMN",
        help="metadata column with the raw tumour type (default: tumor_type, cancer_type and alike)",
    )  # fmt: skip
    group.add_argument(
        "--category-key", default=None, metavar="COLUMN",
        help="metadata column with the sample category (default: sample_category, source and alike)",
    )  # fmt: skip
    group.add_argument(
        "--category",
        choices=SAMPLE_CATEGORIES,
        default=None,
        help="category of samples for which no column says it",
    )
    options.list_file(
        group, "--label-map", default=None, metavar="FILE.tsv",
        help="your own table of raw to harmonised labels (columns raw, tissue, tumor_type), asked before the built-in",
    )  # fmt: skip


def _add_merging(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("classes, donors and split")
    group.add_argument(
        "--label-key", default=NormalizeSettings.label_key, metavar="COLUMN",
        help="harmonised column that --min-class-size and the split look at: tissue or tumor_type",
    )  # fmt: skip
    group.add_argument(
        "--min-class-size", type=options.whole_number(1), default=NormalizeSettings.min_class_size, metavar="N",
        help="labels with fewer samples over all studies become unlabelled (the original took 100)",
    )  # fmt: skip
    group.add_argument(
        "--split-fractions", type=options.comma_list, default="0.8,0.1,0.1", metavar="TRAIN,VALID,TEST",
        help="shares of the split, stratified by label and grouped by donor",
    )  # fmt: skip
    parser.add_argument(
        "--split-by-study", type=options.comma_list, default=None, metavar="STUDY,...",
        help="put these studies, whole, into the test split",
    )  # fmt: skip
    group.add_argument(
        "--copy-correlation", type=options.number(0, 1), default=NormalizeSettings.copy_correlation, metavar="R",
        help="samples of two studies whose profiles correlate at least so are flagged as copies; 1 switches this off",
    )  # fmt: skip


def _add_reports(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("reports")
    for name, what in (
        ("gene", "what became of every gene of every study: kept, renamed, merged, ambiguous or lost"),
        ("label", "what every raw label was mapped to, and which were not"),
        ("study", "study x tissue counts, scale, samples, genes and donors of every study"),
    ):
        options.output_file(
            group, f"--{name}-report", text=True, default=None, metavar="FILE.tsv", help=f"write {what}"
        )


def gene_rule(text: str) -> str:
    """Check ``intersection``, ``union`` or a share of studies such as ``50%``; an argparse type."""
    share = whole_in(text.strip().removesuffix("%")) or 0
    if text not in ("intersection", "union") and not (text.strip().endswith("%") and 1 <= share <= 100):
        raise argparse.ArgumentTypeError(f"{text!r} is not one of intersection, union, or a share such as 50%")
    return text.strip()


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-normalize`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Read, normalize, merge, write."""
    from clrna.io.hdf5.h5ad import write_h5ad
    from clrna.io.output.atomic import write_text
    from clrna.io.output.standard_output import say
    from clrna.io.output.together import together
    from clrna.normalize.found_inputs import as_text
    from clrna.normalize.normalized_file import normalized_file

    normalized = normalized_file(args.input, normalize_settings(args), args)
    if args.check:
        say(f"{as_text(normalized.inputs)}\n")
        return
    with together():
        for path, report in (
            (args.gene_report, normalized.gene_report),
            (args.label_report, normalized.label_report),
            (args.study_report, normalized.study_report),
        ):
            if path is not None:
                write_text(path, report.to_csv(sep="\t", index=False))
        write_h5ad(normalized.adata, args.output, args.compression, args.input)


def normalize_settings(args: argparse.Namespace) -> NormalizeSettings:
    """Return the options as the library takes them."""
    from clrna.normalize.split import parse_fractions

    return options.values_of(
        args,
        NormalizeSettings,
        studies=tuple(args.study or ()),
        metadata=tuple(args.metadata or ()),
        input_scale=tuple(args.input_scale),
        split_fractions=parse_fractions(args.split_fractions),
        split_by_study=tuple(args.split_by_study or ()),
    )


if __name__ == "__main__":
    sys.exit(main())
