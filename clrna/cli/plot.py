"""``clrna-plot``: figures of embeddings and the report."""

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clrna.cli import options, runtime
from clrna.constants import SAMPLE_CATEGORY, STUDY, TISSUE
from clrna.errors import UsageError
from clrna.stages import stage

if TYPE_CHECKING:
    from clrna.cli.plot_inputs import Shown

logger = logging.getLogger("clrna")

SUMMARY = "draw embeddings and write the report"

DESCRIPTION = """\
Write one self-contained interactive HTML report, or, where the output ends in .png, .svg or .pdf, one figure.
The report says what was done, how good it is on studies that the model was not trained on, beside ComBat, and shows the
embeddings coloured by label, study and category, the confusion matrix and the training curves."""

DEFAULT_COLOR_BY = [TISSUE, STUDY, SAMPLE_CATEGORY]
PROJECTIONS = ("umap", "pca", "tsne")
FIGURE_TYPES = (".png", ".svg", ".pdf")
FIGURES = ("claim", "embedding", "confusion", "history", "scores")

EXAMPLES = (
    (
        "The report",
        "clrna-plot encoded.h5ad baselines.h5ad --scores scores.tsv --history history.tsv -o report.html",
    ),
    (
        "The report of samples that a model was given, before the samples it was trained on",
        "clrna-plot mine.h5ad --reference pan-cancer-small --matches matches.tsv --genes genes.tsv -o report.html",
    ),
    (
        "One figure of one embedding, coloured by study and tissue",
        "clrna-plot encoded.h5ad -o umap.pdf --embeddings X_clrna --color-by study,tissue",
    ),
    (
        "The picture of the claim: the model beside ComBat, samples of unseen studies in front",
        "clrna-plot encoded.h5ad baselines.h5ad --scores scores.tsv -o claim.png --figure claim",
    ),
    (
        "The confusion matrix of the predicted labels",
        "clrna-plot encoded.h5ad -o confusion.png --figure confusion --dpi 300",
    ),
)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-plot``."""
    parser = options.new_parser("plot", DESCRIPTION, examples=EXAMPLES)
    options.add_joined_inputs(parser)
    options.add_output_option(
        parser, "the report (.html) or one figure (.png, .svg, .pdf); given several times, all of them, of what is "
        "computed once", metavar="FILE.html", several=True,
    )  # fmt: skip
    options.output_file(
        parser, "--output-h5ad", default=None, metavar="FILE.h5ad",
        help="the first input with all embeddings and the UMAP and t-SNE of each in obsm, which another run draws as "
        "they are, and scanpy as umap_clrna",
    )  # fmt: skip
    group = parser.add_argument_group("content")
    options.model_file(
        parser, "--reference", default=None, metavar="REFERENCE",
        help="samples to draw pale behind the others, as clrna-match takes them: those that the model behind the codes "
        "holds (.safetensors, or pan-cancer-small, which comes along), or an AnnData file that the same model encoded",
    )  # fmt: skip
    options.existing_file(
        parser, "--matches", action="append", default=None, metavar="FILE.tsv",
        help="matches of the samples from clrna-match, for the report; may be given several times",
    )  # fmt: skip
    options.existing_file(
        parser, "--genes", action="append", default=None, metavar="FILE.tsv",
        help="genes of labels and samples from clrna-explain, for the report; may be given several times",
    )  # fmt: skip
    options.existing_file(parser, "--scores", default=None, metavar="FILE.tsv", help="scores from clrna-score")
    options.existing_file(
        parser, "--history", default=None, metavar="FILE.tsv", help="training curves from clrna-train"
    )
    title = parser.add_argument(
        "--title", default=None, metavar="TEXT",
        help="title of the report or figure; without it, what it shows is named",
    )  # fmt: skip
    title.may_be_empty = True  # type: ignore[attr-defined]  # as of a form that was left blank
    parser.add_argument(
        "--figure", choices=FIGURES, default="embedding", help="what a figure (.png, .svg or .pdf) shows"
    )
    group.add_argument(
        "--embeddings", type=options.comma_list, default=None, metavar="KEY,...",
        help="obsm keys to draw (default: every one that starts with X_)",
    )  # fmt: skip
    group.add_argument(
        "--projections", type=options.comma_list, default=list(PROJECTIONS), metavar="NAME,...",
        help="how an embedding is brought to two dimensions: umap, pca, tsne; a figure shows the first",
    )  # fmt: skip
    group.add_argument(
        "--color-by", type=options.comma_list, default=DEFAULT_COLOR_BY, metavar="COLUMN,...",
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
    check_plot_options(args)
    from clrna.cli.plot_inputs import read_shown
    from clrna.io.output.together import together

    reports = [path for path in args.output if is_report(path)]
    figures = [path for path in args.output if not is_report(path)]
    shown = read_shown(args, has_report=bool(reports))
    with together():
        for path in reports:
            write_report(path, args, shown)
        if figures:
            write_figure(figures, args, shown)
        if args.output_h5ad:
            write_samples(args, shown)


def is_report(path: Path) -> bool:
    """Tell the report from a figure by its ending."""
    return path.suffix.lower() == ".html"


def check_plot_options(args: argparse.Namespace) -> None:
    """Refuse what cannot be drawn before anything is read."""
    for path in args.output:
        if path.suffix.lower() not in (".html", *FIGURE_TYPES):
            raise UsageError(f"--output {path}: end it in .html for the report, {', '.join(FIGURE_TYPES)} for a figure")
    unknown = [name for name in args.projections if name not in PROJECTIONS]
    if unknown or not args.projections:
        raise UsageError(f"--projections {','.join(unknown) or 'is empty'}: known are {', '.join(PROJECTIONS)}")
    if args.figure == "history" and not args.history and not all(is_report(path) for path in args.output):
        raise UsageError("--figure history: give the curves with --history FILE.tsv")


@stage("drawing")
def write_report(path: Path, args: argparse.Namespace, shown: "Shown") -> None:
    """Write the HTML file."""
    from clrna.io.output.atomic import write_text
    from clrna.io.provenance import make_record, read_records
    from clrna.report.build import build_report
    from clrna.report.material import material_of
    from clrna.report.steps import with_table_step
    from clrna.results.history import read_history

    history = read_history(args.history) if args.history else None
    tables = {"score": [args.scores] if args.scores else [], "match": args.matches or [], "explain": args.genes or []}
    chain: list[Mapping[str, Any]] = list(read_records(shown.samples.adata))
    for step, paths in tables.items():
        chain = with_table_step(chain, step, paths)
    material = material_of(
        shown.samples, shown.predictions, shown.scores, shown.projections, history=history,
        records=[*chain, make_record("plot", args, files_of(args))], colors=colors_asked_for(args), title=args.title,
        donor_key=args.donor_key, reference=shown.reference, matches=shown.matches, genes=shown.genes,
    )  # fmt: skip
    report = build_report(material)
    write_text(path, report)
    logger.info("wrote %s: %.1f MB", path, len(report.encode()) / 1e6)


@stage("drawing")
def write_figure(paths: Sequence[Path], args: argparse.Namespace, shown: "Shown") -> None:
    """Draw the figure that ``--figure`` names and write it in each format."""
    from clrna.plot import figures
    from clrna.plot.figure_style import save
    from clrna.report.glance import glance
    from clrna.report.outcome import outcome
    from clrna.results.history import read_history

    title, samples, predictions = args.title or "", shown.samples, shown.predictions
    drawn = {key: found[args.projections[0]] for key, found in shown.projections.items()}
    if args.figure == "claim":
        first = predictions[0] if predictions else None
        numbers = glance(shown.scores).verdicts or outcome(samples, first, shown.matches)
        figure = figures.claim(samples, predictions, drawn, title=title, numbers=numbers, reference=shown.reference)
    elif args.figure == "embedding":
        figure = figures.embeddings(samples, colors_asked_for(args), drawn, title=title)
    elif args.figure == "confusion":
        figure = figures.confusion(samples, predictions, title=title)
    elif args.figure == "history":
        figure = figures.history(read_history(args.history), args.history, title=title)
    else:
        figure = figures.scores(shown.scores, args.embeddings, title=title)
    for path in paths:
        save(figure, path, args.dpi)
        logger.info("wrote %s", path)


def write_samples(args: argparse.Namespace, shown: "Shown") -> None:
    """Write the samples with their projections."""
    from clrna.io.hdf5.h5ad import write_h5ad
    from clrna.io.provenance import add_record, make_record

    adata = shown.samples.adata
    add_record(adata, make_record("plot", args, files_of(args)))
    write_h5ad(adata, args.output_h5ad, inputs=args.input)


def files_of(args: argparse.Namespace) -> list[Path]:
    """Return all files that were read."""
    given = [args.scores, args.history, args.reference, *(args.matches or []), *(args.genes or [])]
    return [*args.input, *(file for file in given if file)]


def colors_asked_for(args: argparse.Namespace) -> list[str] | None:
    """Return the columns of ``--color-by``; None where it was not given, so that what is absent is skipped."""
    return None if args.color_by is DEFAULT_COLOR_BY else args.color_by


if __name__ == "__main__":
    sys.exit(main())
