"""``clrna-plot``: figures of embeddings and the report."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clrna.cli import options, runtime
from clrna.constants import SAMPLE_CATEGORY, STUDY, TISSUE
from clrna.errors import UsageError
from clrna.stages import stage

if TYPE_CHECKING:
    from pandas import DataFrame

    from clrna.plot.projections import Projection
    from clrna.results.predictions import Predictions
    from clrna.results.samples import DrawnSamples

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
    group = parser.add_argument_group("content")
    options.existing_file(parser, "--scores", default=None, metavar="FILE.tsv", help="scores from clrna-score")
    options.existing_file(
        parser, "--history", default=None, metavar="FILE.tsv", help="training curves from clrna-train"
    )
    parser.add_argument(
        "--title",
        default=None,
        metavar="TEXT",
        help="title of the report or figure; without it, what it shows is named",
    )
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
    from clrna.io.join import join_on_samples
    from clrna.io.together import together
    from clrna.results.fingerprint import require_same_samples
    from clrna.results.predictions import predictions_in
    from clrna.results.samples import drawn_samples
    from clrna.results.score_table import read_scores, scores_in

    first = args.input[0]
    same = [*(args.label_by or [args.label_key]), args.donor_key]
    adata = join_on_samples(args.input, study_key=args.study_key, values=False, same_columns=same)
    samples = drawn_samples(
        adata, first, label_key=args.label_key, label_by=args.label_by, study_key=args.study_key,
        max_points=args.max_points, seed=args.seed,
    )  # fmt: skip
    scores = read_scores(args.scores) if args.scores else scores_in(adata, first)
    if scores is not None:
        require_same_samples(scores, adata, args.study_key, first, args.scores or first)
    predictions = predictions_in(adata)
    projections = projections_for(args, samples)
    with together():
        for path in args.output:
            if is_report(path):
                write_report(path, args, samples, predictions, scores, projections)
        figures = [path for path in args.output if not is_report(path)]
        if figures:
            write_figure(figures, args, samples, predictions, scores, projections)


def is_report(path: Path) -> bool:
    """Tell the report from a figure by its ending."""
    return path.suffix.lower() == ".html"


def projections_for(args: argparse.Namespace, samples: "DrawnSamples") -> "dict[str, dict[str, Projection]]":
    """Project each embedding in the ways that the outputs show; none where no output shows one."""
    from clrna.plot.claim import keys_to_compare
    from clrna.plot.projections import project_all
    from clrna.results.samples import embeddings_to_draw

    if any(is_report(path) for path in args.output):
        names = args.projections
    elif args.figure in ("claim", "embedding"):
        names = args.projections[:1]
    else:
        return {}
    found = embeddings_to_draw(samples, args.embeddings)
    if args.figure == "claim" and not any(is_report(path) for path in args.output):
        found = {key: found[key] for key in keys_to_compare(found)}
    return project_all(found, names, args.seed)


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
def write_report(
    path: Path, args: argparse.Namespace, samples: "DrawnSamples", predictions: "list[Predictions]",
    scores: "DataFrame | None", projections: "dict[str, dict[str, Projection]]",
) -> None:  # fmt: skip
    """Write the HTML file."""
    from clrna.io.atomic import write_text
    from clrna.io.provenance import make_record, read_records
    from clrna.report.build import build_report
    from clrna.report.material import material_of
    from clrna.report.steps import with_score_step
    from clrna.results.history import read_history

    history = read_history(args.history) if args.history else None
    records = read_records(samples.adata)
    chain = with_score_step(records, args.scores) if args.scores else records
    files = [*args.input, *(file for file in (args.scores, args.history) if file)]
    material = material_of(
        samples, predictions, scores, projections, history=history,
        records=[*chain, make_record("plot", args, files)], colors=colors_asked_for(args), title=args.title,
        donor_key=args.donor_key,
    )  # fmt: skip
    report = build_report(material)
    write_text(path, report)
    logger.info("wrote %s: %.1f MB", path, len(report.encode()) / 1e6)


@stage("drawing")
def write_figure(
    paths: Sequence[Path], args: argparse.Namespace, samples: "DrawnSamples", predictions: "list[Predictions]",
    scores: "DataFrame | None", projections: "dict[str, dict[str, Projection]]",
) -> None:  # fmt: skip
    """Draw the figure that ``--figure`` names and write it in each format."""
    from clrna.plot import figures
    from clrna.plot.figure_style import save
    from clrna.report.glance import glance
    from clrna.results.history import read_history

    title = args.title or ""
    shown = {key: found[args.projections[0]] for key, found in projections.items()}
    if args.figure == "claim":
        numbers = glance(scores).verdicts
        figure = figures.claim(samples, predictions, shown, title=title, numbers=numbers)
    elif args.figure == "embedding":
        figure = figures.embeddings(samples, colors_asked_for(args), shown, title=title)
    elif args.figure == "confusion":
        figure = figures.confusion(samples, predictions, title=title)
    elif args.figure == "history":
        figure = figures.history(read_history(args.history), args.history, title=title)
    else:
        figure = figures.scores(scores, args.embeddings, title=title)
    for path in paths:
        save(figure, path, args.dpi)
        logger.info("wrote %s", path)


def colors_asked_for(args: argparse.Namespace) -> list[str] | None:
    """Return the columns of ``--color-by``; None where it was not given, so that what is absent is skipped."""
    return None if args.color_by is DEFAULT_COLOR_BY else args.color_by


if __name__ == "__main__":
    sys.exit(main())
