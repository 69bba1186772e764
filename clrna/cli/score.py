"""``clrna-score``: how well embeddings bring studies together, side by side."""

import argparse
import logging
import sys
from collections.abc import Sequence

from clrna.cli import options, runtime
from clrna.constants import UNS, UNS_SCORES

logger = logging.getLogger("clrna")

SUMMARY = "score embeddings by transfer between studies and by cluster quality"

DESCRIPTION = """\
Score embeddings side by side. The headline is transfer: tissue found by nearest neighbours in other studies, for
samples whose study and donor the model was not trained on, and the same donor found again in another study.
Cluster and batch-mixing metrics (silhouette, Calinski-Harabasz, Davies-Bouldin, BRAS, LISI, kBET, PCR) are
reported beside it, with 95 % intervals, differences to ComBat, the number of samples behind each, and a reason
where one cannot be computed."""

EXAMPLES = (
    (
        "A model beside the baselines",
        "clrna-score encoded.h5ad baselines.h5ad -o scores.tsv",
    ),
    (
        "By tumor type, in a file that keeps the scores, and for MultiQC",
        "clrna-score encoded.h5ad -o scores.tsv --label-key tumor_type --output-h5ad scored.h5ad --mqc scores_mqc.json",
    ),
)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-score``."""
    parser = options.new_parser("score", DESCRIPTION, examples=EXAMPLES)
    options.add_joined_inputs(parser)
    options.add_output_option(parser, "the scores, one a row", metavar="FILE.tsv", text=True)
    outputs = parser.add_argument_group("further outputs")
    options.output_file(outputs, "--json", text=True, default=None, metavar="FILE.json", help="the same scores as JSON")
    options.output_file(
        outputs, "--mqc", text=True, default=None, metavar="FILE_mqc.json",
        help="the headline as MultiQC custom content",
    )  # fmt: skip
    options.output_file(
        parser, "--output-h5ad", default=None, metavar="FILE.h5ad",
        help="the first input with all embeddings, and the scores in uns['clrna']['scores']",
    )  # fmt: skip
    group = parser.add_argument_group("scores")
    parser.add_argument(
        "--embeddings", type=options.comma_list, default=None, metavar="KEY,...",
        help="obsm keys to score (default: every one that starts with X_)",
    )  # fmt: skip
    group.add_argument(
        "--layers", type=options.comma_list, default=None, metavar="LAYER,...",
        help="layers of expression, such as that of clrna-encode --corrected-layer, to score as well: their 50 "
        "principal components, as X_LAYER",
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
        "--bootstrap", type=options.whole_number(0, 100_000), default=200, metavar="N",
        help="random halves of the donors behind each 95 %% interval; 0 for none",
    )  # fmt: skip
    group.add_argument(
        "--max-samples", type=options.whole_number(10), default=5000, metavar="N",
        help="all metrics but the headline take a stratified sample of so many, where there are more",
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
    from clrna.score.measures import chosen_names

    names = chosen_names(args.metrics)

    from clrna.io import provenance
    from clrna.io.hdf5 import h5ad
    from clrna.io.metadata import join
    from clrna.io.output.atomic import write_text
    from clrna.io.output.together import together
    from clrna.score.headline import summary_lines
    from clrna.score.layers import layer_components
    from clrna.score.mqc import to_mqc
    from clrna.score.of_adata import score_adata
    from clrna.score.table import ScoreSettings
    from clrna.score.write import for_uns, to_json, to_tsv

    same = [*(args.label_by or [args.label_key]), args.donor_key]
    adata = join.join_on_samples(
        args.input,
        study_key=args.study_key,
        values=args.output_h5ad is not None or bool(args.layers),
        same_columns=same,
    )
    places = None
    if "pcr" in names and adata.X is None:
        places = join.rows_of_first(adata.obs_names, args.input, args.study_key)
        if places is None:  # samples of several files stand below one another: their expression is stacked in memory
            adata = join.join_on_samples(args.input, study_key=args.study_key, same_columns=same)
    parts = layer_components(adata, args.layers or [], args.input[0], args.seed)
    adata.obsm.update(parts)
    embeddings = args.embeddings and [*args.embeddings, *parts]
    settings = ScoreSettings(names, args.n_neighbors, args.distance, args.bootstrap, args.max_samples, args.seed)
    scores, samples = score_adata(
        adata, args.input[0], places, settings, embeddings=embeddings, label_key=args.label_key,
        label_by=args.label_by, study_key=args.study_key, donor_key=args.donor_key, split_key=args.split_key,
    )  # fmt: skip
    record = provenance.make_record("score", args, args.input, n_samples=samples.n)
    chain = [*provenance.read_records(adata), record]
    logger.info("made by %s", " > ".join(f"{item.get('step', '?')} {item.get('clrna', '')}".strip() for item in chain))
    with together():
        write_text(args.output, to_tsv(scores))
        if args.json:
            write_text(args.json, to_json(scores, samples, chain))
        if args.mqc:
            write_text(args.mqc, to_mqc(scores, args.mqc.stem.removesuffix("_mqc")))
        if args.output_h5ad:
            provenance.add_record(adata, record)
            adata.uns[UNS] = {**adata.uns[UNS], UNS_SCORES: for_uns(scores)}
            h5ad.write_h5ad(adata, args.output_h5ad, inputs=args.input)
    for line in summary_lines(scores):
        logger.info("%s", line)


if __name__ == "__main__":
    sys.exit(main())
