"""``clrna-baseline``: the embeddings that a model has to beat."""

import argparse
import logging
import sys
from collections.abc import Sequence

from clrna.cli import options, runtime
from clrna.errors import InputError, UsageError

logger = logging.getLogger("clrna")

SUMMARY = "compute PCA, ComBat and Harmony embeddings to compare with"

DESCRIPTION = """\
Compute PCA, ComBat, Harmony, per-study standardized and, if asked for, limma's embeddings of the same samples, to
be scored beside the model's. Before anything is computed the design is checked: batches with one sample, covariates
confounded with the study and missing values are all named in one error."""

METHODS = ("pca", "combat", "harmony", "standardized", "limma")
USUAL = METHODS[:-1]
COMBAT_LAYER = "combat"

EXAMPLES = (
    (
        "All baselines, to be scored beside a model",
        "clrna-baseline merged.h5ad -o baselines.h5ad",
    ),
    (
        "ComBat that keeps what the tissues differ in",
        "clrna-baseline merged.h5ad -o combat.h5ad --methods pca,combat --covariates tissue",
    ),
)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-baseline``."""
    parser = options.new_parser("baseline", DESCRIPTION, examples=EXAMPLES)
    options.existing_file(parser, "input", metavar="INPUT", help="AnnData file with at least two studies")
    options.add_output_option(parser, "the input with the embeddings added to obsm")
    group = parser.add_argument_group("baselines")
    parser.add_argument(
        "--methods", type=options.comma_list, default=list(USUAL), metavar="METHOD,...",
        help="which of pca, combat, harmony, standardized and limma (its removeBatchEffect); written to X_pca, "
        "X_combat, X_harmony, X_standardized, X_limma",
    )  # fmt: skip
    group.add_argument(
        "--n-comps",
        type=options.whole_number(1),
        default=50,
        metavar="N",
        help="principal components of each",
    )
    parser.add_argument(
        "--covariates", type=options.comma_list, default=None, metavar="COLUMN,...",
        help="obs columns whose effect ComBat and limma keep; refused where they are confounded with the study",
    )  # fmt: skip
    group.add_argument(
        "--combat-ref", default=None, metavar="STUDY",
        help="study that ComBat moves the others onto, gene by gene, and that stays as it is (default: all studies are "
        "moved)",
    )  # fmt: skip
    group.add_argument(
        "--corrected-layer",
        action="store_true",
        help="also keep ComBat's corrected expression as layer combat",
    )
    options.output_file(
        group, "--design-report", text=True, default=None, metavar="FILE.tsv",
        help="table of study x label with what is confounded, written even where the design is refused",
    )  # fmt: skip
    options.add_compression_option(group)
    options.add_key_options(parser, donor=False)
    options.add_general_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-baseline`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Check the design, compute, write."""
    from clrna.baselines.of_adata import add_baselines, examine_adata
    from clrna.io import contract, provenance
    from clrna.io.hdf5 import h5ad
    from clrna.io.output.atomic import write_text
    from clrna.io.output.together import together

    check_baseline_options(args)
    adata = h5ad.read_h5ad(args.input)
    contract.check(adata, args.input, columns=[args.study_key])
    found = examine_adata(
        adata, args.input, args.methods, args.covariates or [], study_key=args.study_key, label_key=args.label_key,
        label_by=args.label_by,
    )  # fmt: skip
    report = found.table.to_csv(sep="\t", index=False, lineterminator="\n")
    try:
        found.refuse(args.input)
    except InputError:
        if args.design_report:  # it says why
            write_text(args.design_report, report)
        raise
    for warning in found.warnings:
        logger.warning("%s", warning)
    with h5ad.named(args.input):
        facts = add_baselines(
            adata, args.input, args.methods, args.covariates or [], study_key=args.study_key, layer=args.layer,
            n_comps=args.n_comps, seed=args.seed, corrected_layer=COMBAT_LAYER if args.corrected_layer else None,
            combat_ref=args.combat_ref,
        )  # fmt: skip
    provenance.add_record(adata, provenance.make_record("baseline", args, [args.input], embeddings=facts))
    with together():
        if args.design_report:
            write_text(args.design_report, report)
        h5ad.write_h5ad(adata, args.output, args.compression, [args.input])


def check_baseline_options(args: argparse.Namespace) -> None:
    """Raise UsageError for methods that do not exist, or options that need a method that was not asked for."""
    unknown = [method for method in args.methods if method not in METHODS]
    if unknown or not args.methods:
        raise UsageError(f"--methods {','.join(unknown) or 'is empty'}: known are {', '.join(METHODS)}")
    if args.covariates and not {"combat", "limma"} & set(args.methods):
        raise UsageError("--covariates is for ComBat and limma; add one of them to --methods")
    own = {"--combat-ref": args.combat_ref, "--corrected-layer": args.corrected_layer}
    for option, given in own.items():
        if given and "combat" not in args.methods:
            raise UsageError(f"{option} is ComBat's; add combat to --methods")


if __name__ == "__main__":
    sys.exit(main())
