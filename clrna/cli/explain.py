"""``clrna-explain``: the genes for and against each label of a model, and of each sample."""

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clrna.cli import options, runtime
from clrna.cli.encoding_options import add_chunk_option, add_encoding_options
from clrna.errors import UsageError
from clrna.stages import stage

if TYPE_CHECKING:
    from pandas import DataFrame

    from clrna.explain.options import ExplainOptions

logger = logging.getLogger("clrna")

SUMMARY = "list the genes for and against each label, and of each sample"

DESCRIPTION = """\
List the genes that speak for each label of a model and against it, and, where samples are given, those for and against
the label of each sample. What is taken apart is the difference of the classifier's logits: exactly in a model without
layers, by integrated gradients within 1 % in others. What nearest neighbours and the rest of a study say of a sample's
label is not explained."""

FIGURE_TYPES = (".png", ".svg", ".pdf")

EXAMPLES = (
    ("The 50 genes for and against each label, and a picture",
     "clrna-explain model.safetensors -o genes.tsv --figure genes.pdf"),
    ("Of each sample, too: why its label and not the next one",
     "clrna-explain model.safetensors mine.h5ad -o genes.tsv --against second"),
    ("What tells each label from one other", "clrna-explain model.safetensors -o not_lung.tsv --against Lung"),
    ("All genes of one label", "clrna-explain model.safetensors -o prostate.tsv --label Prostate --n-genes 0"),
)  # fmt: skip


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-explain``."""
    parser = options.new_parser("explain", DESCRIPTION, examples=EXAMPLES)
    options.model_file(
        parser, "model", metavar="MODEL",
        help="model from clrna-train or clrna-fetch, or the name of one that comes along: pan-cancer-small",
    )  # fmt: skip
    options.existing_file(
        parser, "samples", nargs="?", default=None, metavar="SAMPLES",
        help="AnnData file with samples that are to be explained, too, encoded or not",
    )  # fmt: skip
    options.add_output_option(parser, "the genes, one a row", metavar="FILE.tsv", text=True)
    options.output_file(
        parser, "--figure", default=None, metavar="FILE.png",
        help="also draw the first genes for and against each label, as .png, .svg or .pdf",
    )  # fmt: skip
    parser.add_argument(
        "--label", default=None, metavar="NAME",
        help="explain this label only, of samples, too (default: every label, and of each sample the predicted one)",
    )  # fmt: skip
    parser.add_argument(
        "--against", default="others", metavar="LABEL",
        help="what labels are told from: a label of the model by its name; others: the mean of all other labels; "
        "second: of samples, the one that is next, while the labels themselves are told from all others",
    )  # fmt: skip
    parser.add_argument(
        "-n", "--n-genes", type=options.whole_number(0), default=50, metavar="N",
        help="genes for and genes against, at most, of each label or sample; 0 for all",
    )  # fmt: skip
    group = parser.add_argument_group("encoding the samples, as clrna-encode does")
    add_encoding_options(group, group)
    add_chunk_option(group)
    group = parser.add_argument_group("figure")
    group.add_argument("--dpi", type=options.whole_number(20), default=150, metavar="N", help="resolution of a .png")
    options.add_key_options(parser, label=False, donor=False)
    options.add_general_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-explain`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Explain, write, draw."""
    check_explain_options(args)
    from clrna.explain.files import explain_model, explaining_file
    from clrna.io.output.together import together
    from clrna.model.model_file import load_model

    model, asked = load_model(args.model), _asked(args)
    with together():
        if args.samples is None:
            _write(args, iter([explain_model(model, args.model, asked)]))
            return
        with explaining_file(model, args.model, args.samples, asked) as tables:
            _write(args, tables)


def check_explain_options(args: argparse.Namespace) -> None:
    """Refuse what cannot be done before anything is read."""
    if args.figure is not None and args.figure.suffix.lower() not in FIGURE_TYPES:
        raise UsageError(f"--figure {args.figure}: end it in {', '.join(FIGURE_TYPES)}")
    if args.against == "second" and args.samples is None:
        raise UsageError("--against second: a label by itself has no second one; give samples")


def _asked(args: argparse.Namespace) -> "ExplainOptions":
    from clrna.encode.options import EncodeOptions
    from clrna.explain.options import ExplainOptions

    encoding = EncodeOptions(
        adapt=args.adapt, adapt_min_samples=args.adapt_min_samples, min_coverage=args.min_coverage,
        input_scale=args.input_scale, gene_id=args.gene_id, chunk_size=args.chunk_size, study_key=args.study_key,
        layer=args.layer,
    )  # fmt: skip
    return ExplainOptions(label=args.label, against=args.against, n_genes=args.n_genes, encoding=encoding)


@stage("explaining")
def _write(args: argparse.Namespace, tables: "Iterator[DataFrame]") -> None:
    """Write the tables as they come, and draw the first of them, which is of the labels."""
    from clrna.explain.table import genes_tsv
    from clrna.io.output.atomic import write_parts

    of_labels = next(tables)
    if args.figure is not None:
        _draw(args.figure, of_labels, args.dpi)
    n_labels, n_samples = of_labels["label"].nunique(), 0

    def parts() -> Iterator[str]:
        nonlocal n_samples
        yield genes_tsv(of_labels)
        for table in tables:
            n_samples += table["sample"].nunique()
            yield genes_tsv(table, header=False)

    write_parts(args.output, parts())
    logger.info("explained %d labels and %d samples", n_labels, n_samples)


def _draw(path: Path, of_labels: "DataFrame", dpi: int) -> None:
    from clrna.plot.figure_style import save
    from clrna.plot.genes_figure import genes_figure

    save(genes_figure(of_labels), path, dpi)
    logger.info("wrote %s", path)


if __name__ == "__main__":
    sys.exit(main())
