"""``clrna-normalize``: expression files of several studies into one AnnData file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from clrna.cli import options, runtime
from clrna.constants import SAMPLE_CATEGORIES
from clrna.normalize.settings import NormalizeSettings, StudyFile

DESCRIPTION = """\
Read one or more expression files (h5ad, tab or comma separated matrices, plain or gzip or zstd,
parquet, GCT, GEO series matrices, files of salmon, kallisto, RSEM, StringTie, STAR and HTSeq or a
folder of them, or the MoDaC file combined_rnaseq_data; docs/inputs.md has them all), bring units to
log2(x + 1), gene identifiers to current HGNC symbols, tissue and tumour-type names to one
vocabulary, and merge the studies into one AnnData file with a split into train, valid and test that
keeps a donor on one side. Merging files that were normalized one by one gives the same result as
giving all of them at once."""


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-normalize``."""
    parser = options.new_parser("normalize", DESCRIPTION)
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
    options.add_general_options(parser)
    return parser


def _add_reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("reading")
    group.add_argument(
        "--study", type=options.comma_list, default=None, metavar="NAME,NAME",
        help="name of each input's study, in the order of the inputs, or one for all (default: the study column, else "
        "the file's name)",
    )  # fmt: skip
    options.existing_file(
        group, "--metadata", action="append", default=None, metavar="FILE|STUDY=FILE", type=study_file,
        help="table of sample metadata to join on the sample name (tsv, csv, parquet); may be given several times: "
        "once for all inputs, once for each in the order of the inputs, or as STUDY=FILE; a study column in it decides",
    )  # fmt: skip
    group.add_argument(
        "--sample-column", default=None, metavar="COLUMN",
        help="column of the metadata that holds the sample name (default: its first column)",
    )  # fmt: skip
    group.add_argument(
        "--orientation", choices=("auto", "samples-in-rows", "samples-in-columns"), default="auto",
        help="how a text or parquet matrix lies; auto looks where gene identifiers stand",
    )  # fmt: skip
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
    group.add_argument(
        "--input-scale", type=options.comma_list, default="auto", metavar="SCALE|STUDY=SCALE,...",
        help="auto, or what the values are: counts, cpm, tpm, fpkm, intensity, ratio, their logarithms such as "
        "log2_tpm1, ln_cpm0.5 or log2_counts1 (the number is the pseudo-count), log2_expression, log2_intensity, "
        "log2_ratio, zscore; one for all studies or STUDY=SCALE for some",
    )  # fmt: skip
    group.add_argument(
        "--counts-to",
        choices=("tpm", "cpm", "tmm"),
        default="tpm",
        help="what counts are turned into before the log",
    )
    group.add_argument(
        "--missing", choices=("fill", "refuse"), default="fill",
        help="values that are not finite: fill with the study's median of the gene, or refuse the file",
    )  # fmt: skip
    options.add_gene_id_option(group)
    group.add_argument(
        "--gene-key",
        default=None,
        metavar="COLUMN",
        help="var column of an h5ad input to take identifiers from",
    )
    options.existing_file(
        group, "--gene-map", default=None, metavar="FILE",
        help="table with the genes of a text matrix's probes or transcripts: two columns, or a platform's table of "
        "GEO",
    )  # fmt: skip
    group.add_argument(
        "--duplicates", choices=("auto", "mean", "sum", "max"), default="auto",
        help="how columns of one gene are merged; max keeps the one with the highest mean, auto sums sequencing units "
        "that are no logarithms and averages all others",
    )  # fmt: skip
    group.add_argument(
        "--genes", type=gene_rule, default="intersection", metavar="intersection|union|N%",
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
    options.existing_file(
        group, "--label-map", default=None, metavar="FILE.tsv",
        help="your own table of raw to harmonised labels (columns raw, tissue, tumor_type), asked before the built-in",
    )  # fmt: skip


def _add_merging(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("classes, donors and split")
    group.add_argument(
        "--label-key", default="tissue", metavar="COLUMN",
        help="harmonised column that --min-class-size and the split look at: tissue or tumor_type",
    )  # fmt: skip
    group.add_argument(
        "--min-class-size", type=options.whole_number(1), default=10, metavar="N",
        help="labels with fewer samples over all studies become unlabelled (the original took 100)",
    )  # fmt: skip
    group.add_argument(
        "--split-fractions", type=options.comma_list, default="0.8,0.1,0.1", metavar="TRAIN,VALID,TEST",
        help="shares of the split, stratified by label and grouped by donor",
    )  # fmt: skip
    group.add_argument(
        "--split-by-study", type=options.comma_list, default=None, metavar="STUDY,...",
        help="put these studies, whole, into the test split",
    )  # fmt: skip
    group.add_argument(
        "--copy-correlation", type=options.number(0, 1), default=0.999, metavar="R",
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
    share = text.strip().removesuffix("%")
    if text not in ("intersection", "union") and not (
        text.strip().endswith("%") and share.isdigit() and 1 <= int(share) <= 100
    ):
        raise argparse.ArgumentTypeError(f"{text!r} is not one of intersection, union, or a share such as 50%")
    return text.strip()


def study_file(text: str) -> Path | StudyFile:
    """Read ``FILE`` or ``STUDY=FILE``; a file that is there is one whatever its name. An argparse type."""
    study, equals, path = text.partition("=")
    return StudyFile(study, Path(path)) if equals and study and path and not Path(text).exists() else Path(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-normalize`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Read, normalize, merge, write."""
    from clrna.io.atomic import write_text
    from clrna.io.h5ad import write_h5ad
    from clrna.io.provenance import add_record, make_record, read_records
    from clrna.io.quantifier_folder import quantifier_files
    from clrna.io.together import together
    from clrna.normalize.found_inputs import as_text
    from clrna.normalize.pipeline import normalize
    from clrna.normalize.read_sources import read_sources

    settings = _settings(args)
    sources = read_sources(args.input, settings)
    earlier = [record for source in sources for record in read_records(source.adata)]
    normalized = normalize(sources, settings)
    if args.check:
        print(as_text(normalized.inputs))
        return
    tables = [table.path if isinstance(table, StudyFile) else table for table in args.metadata or ()]
    files = [file for path in args.input for file in (quantifier_files(path) if path.is_dir() else [path])]
    inputs = [*files, *tables, *filter(None, (args.label_map, args.gene_map))]
    record = make_record(
        "normalize",
        args,
        inputs,
        scales=normalized.scales,
        genes=normalized.adata.n_vars,
        samples=normalized.adata.n_obs,
        found=normalized.inputs.to_dict("records"),
    )
    add_record(normalized.adata, record, earlier)
    with together():
        for path, report in (
            (args.gene_report, normalized.gene_report),
            (args.label_report, normalized.label_report),
            (args.study_report, normalized.study_report),
        ):
            if path is not None:
                write_text(path, report.to_csv(sep="\t", index=False))
        write_h5ad(normalized.adata, args.output)


def _settings(args: argparse.Namespace) -> NormalizeSettings:
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
