"""What ``clrna-plot`` shows, read from its inputs and checked against each other."""

import argparse
from dataclasses import dataclass

import pandas as pd
from anndata import AnnData

from clrna.constants import DONOR
from clrna.io.contract import named_columns, require_obs_columns
from clrna.io.metadata.join import join_on_samples
from clrna.match.files import read_reference, told_model
from clrna.match.settings import MatchSettings
from clrna.plot.claim import keys_to_compare
from clrna.plot.kept_projections import KeptProjections, keep, refuse_foreign
from clrna.plot.projections import Projection, project_all
from clrna.plot.reference import DrawnReference, drawn_reference, key_of_model
from clrna.results.fingerprint import require_same_samples
from clrna.results.gene_table import read_gene_tables
from clrna.results.match_table import read_match_tables
from clrna.results.predictions import Predictions, predictions_in
from clrna.results.same_samples import require_samples_of
from clrna.results.samples import DrawnSamples, drawn_samples, embeddings_to_draw
from clrna.results.score_table import read_scores, scores_in


@dataclass(frozen=True)
class Shown:
    """Everything that was read; what was not given is None."""

    samples: DrawnSamples
    predictions: list[Predictions]
    scores: pd.DataFrame | None
    projections: dict[str, dict[str, Projection]]
    reference: DrawnReference | None
    matches: pd.DataFrame | None
    genes: pd.DataFrame | None


def read_shown(args: argparse.Namespace, *, has_report: bool) -> Shown:
    """Read the inputs, and project what the outputs show.

    Parameters
    ----------
    args
        From the parser of ``clrna-plot``.
    has_report
        Whether one of the outputs is the report, which shows everything.
    """
    first = args.input[0]
    same = [*(args.label_by or [args.label_key]), args.donor_key]
    values = args.output_h5ad is not None
    adata = join_on_samples(args.input, study_key=args.study_key, values=values, same_columns=same)
    require_obs_columns(adata.obs, named_columns((args.donor_key, DONOR)), first)
    samples = drawn_samples(
        adata, first, label_key=args.label_key, label_by=args.label_by, study_key=args.study_key,
        max_points=args.max_points, seed=args.seed,
    )  # fmt: skip
    scores = read_scores(args.scores) if args.scores else scores_in(adata, first)
    if scores is not None:
        require_same_samples(scores, adata, args.study_key, first, args.scores or first)
    matches, genes = _sample_tables(args, adata)
    reference = _reference(args, samples)
    return Shown(
        samples, predictions_in(adata), scores, _projections(args, samples, reference, has_report=has_report),
        reference, matches, genes,
    )  # fmt: skip


def _sample_tables(args: argparse.Namespace, adata: AnnData) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Read matches and genes where they are given, and refuse those of other samples."""
    matches = read_match_tables(args.matches) if args.matches else None
    genes = read_gene_tables(args.genes) if args.genes else None
    for table, paths, step in ((matches, args.matches, "clrna-match"), (genes, args.genes, "clrna-explain")):
        if table is not None:
            require_samples_of(table, adata, args.study_key, args.input[0], paths, step)
    return matches, genes


def _reference(args: argparse.Namespace, samples: DrawnSamples) -> DrawnReference | None:
    """Read the reference where one is given, and refuse one of another model."""
    if args.reference is None:
        return None
    first, key = args.input[0], key_of_model(samples)
    settings = MatchSettings(
        key=key, study_key=args.study_key, donor_key=args.donor_key, label_key=args.label_key, label_by=args.label_by
    )
    found = read_reference(args.reference, told_model(samples.adata, key, first), first, settings)
    return drawn_reference(samples, found, key, max_points=args.max_points, seed=args.seed)


def _projections(
    args: argparse.Namespace, samples: DrawnSamples, reference: DrawnReference | None, *, has_report: bool
) -> dict[str, dict[str, Projection]]:
    """Project each embedding in the ways that the outputs show; none where no output shows one."""
    shows_all = has_report or args.output_h5ad is not None
    if shows_all:
        names = args.projections
    elif args.figure in ("claim", "embedding"):
        names = args.projections[:1]
    else:
        return {}
    found = embeddings_to_draw(samples, args.embeddings)
    if args.figure == "claim" and not shows_all:
        found = {key: found[key] for key in keys_to_compare(found)}
    behind = None if reference is None else reference.codes
    if args.output_h5ad:
        refuse_foreign(samples.adata, found, names, args.input[0])
    projections = project_all(found, names, args.seed, reference=behind, kept=KeptProjections(samples).of)
    if args.output_h5ad:
        keep(samples, projections, found, behind, args.seed)
    return projections
