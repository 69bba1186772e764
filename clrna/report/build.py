"""The report from arrays and tables: what each section says, handed to the templates."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clrna import __version__
from clrna.metrics.catalogue import scored_metrics
from clrna.plot.columns import Column
from clrna.plot.embedding_figure import embedding_figure
from clrna.plot.figure_style import figure_style
from clrna.plot.history_figure import history_figure
from clrna.plot.projections import Projection
from clrna.plot.reference import DrawnReference
from clrna.plural import enumerated, plural
from clrna.report import citations
from clrna.report.claim_view import claim_view
from clrna.report.confusion_view import ConfusionView, confusion_views
from clrna.report.genes_view import genes_view
from clrna.report.glance import NO_SCORES, glance
from clrna.report.matches_view import matches_view
from clrna.report.outcome import outcome, right_of_unseen
from clrna.report.payload import embedding_payload, history_payload
from clrna.report.predicted_view import predicted_view
from clrna.report.read_files import read_files
from clrna.report.render import data_uri, render
from clrna.report.score_rows import filters, score_rows
from clrna.report.steps import steps
from clrna.report.studies import StudyTable, label_by_study
from clrna.report.study_scores import study_scores
from clrna.report.trust import checks
from clrna.results.confusion import confusions
from clrna.results.embeddings import embedding_name
from clrna.results.history import History
from clrna.results.predictions import Predictions, models_of
from clrna.results.samples import DrawnSamples

# Anchor and name of each section; its template has the anchor's name.
SECTIONS = (
    ("glance", "At a glance"), ("transfer", "Study by study"), ("predictions", "Predicted labels"),
    ("matches", "Nearest samples"), ("genes", "Genes"), ("embeddings", "Embeddings"), ("trust", "Why to trust it"),
    ("data", "Data"), ("steps", "What was done"), ("training", "Training"), ("scores", "All scores"),
    ("glossary", "What the metrics mean"), ("absent", "Not in this report"), ("cite", "How to cite"),
)  # fmt: skip
# What to do where a section has nothing to show.
NO_PREDICTIONS = "No model's predictions are in the inputs. clrna-encode adds them."
NO_MATCHES = "No matches were given. Run clrna-match and pass its table with --matches."
NO_GENES = "No genes were given. Run clrna-explain on the samples and pass its table with --genes."
NO_HISTORY = "No training curves were given. Write them with clrna-train --history and pass the file with --history."
NO_REFERENCE = "--reference MODEL puts the samples that the model was trained on behind these."
_MODEL_FACTS = {
    "preset": "Preset", "latent_dim": "Features", "n_genes": "Genes", "label_key": "Label",
    "standardize": "Standardization", "adapt": "Adapted to", "training_studies": "Trained on", "sha256": "SHA-256",
}  # fmt: skip
_STILL_COLUMNS = 2  # of the still picture that stands where scripts may not run
_STILL_DPI = 80


@dataclass(frozen=True)
class Material:
    """Everything that the report is made from."""

    title: str
    samples: DrawnSamples
    columns: Sequence[Column]  # to color by, of all samples
    projections: Mapping[str, Mapping[str, Projection]]  # of the samples that are drawn
    predictions: Sequence[Predictions]
    scores: pd.DataFrame | None
    history: History | None
    records: Sequence[Mapping[str, Any]]  # provenance, oldest first, this run last
    donor_key: str
    split_key: str
    reference: DrawnReference | None = None  # what stands pale behind the samples
    matches: pd.DataFrame | None = None
    genes: pd.DataFrame | None = None


def build_report(material: Material) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    material
        What it is made from; the same material gives the same text.
    """
    samples, scores, history = material.samples, material.scores, material.history
    predictions = material.predictions[0] if material.predictions else None
    has_seen = predictions is not None and (predictions.seen != "").any()
    seen, known_as = (predictions.seen, predictions.known_as) if predictions and has_seen else (None, {})
    table = label_by_study(samples, seen, known_as)
    rows = score_rows(scores) if scores is not None else []
    curves = history if history is not None and not history.closed_form else None
    glance_of = glance(scores)
    absent = _absent(material)
    left_out = {anchor for anchor, _ in absent} | ({"glossary"} if scores is None else set())
    reasons = [(dict(SECTIONS)[anchor], reason) for anchor, reason in absent]
    return render(
        {
            "version": __version__,
            "title": material.title,
            "subtitle": _subtitle(material, table),
            "sections": [
                (anchor, name) for anchor, name in SECTIONS if anchor not in left_out and (absent or anchor != "absent")
            ],
            "absent": reasons,
            "claim": claim_view(samples, material.projections, predictions, material.reference),
            "outcome": outcome(samples, predictions, material.matches) if glance_of.missing else [],
            "glance": glance_of,
            "right": [] if glance_of.missing else right_of_unseen(samples, predictions),
            "predicted": predicted_view(samples, predictions),
            "matches": matches_view(material.matches, samples.label_name),
            "genes": genes_view(material.genes, [] if predictions is None else predictions.label.tolist()),
            "no_history": NO_HISTORY,
            "no_reference": NO_REFERENCE if has_seen and material.reference is None else "",
            "trained_on": _trained_on(material),
            "steps": steps(material.records),
            "has_scores": scores is not None,
            "study_scores": study_scores(scores),
            "checks": checks(
                samples, predictions, scores, table, donor_key=material.donor_key, split_key=material.split_key
            ),
            "table": table,
            "read_files": read_files(material.records),
            "label_name": samples.label_name,
            "points_note": samples.note,
            "embedding_payload": embedding_payload(
                samples, material.projections, material.columns, predictions, material.reference
            ),
            "picture": _still(material),
            "confusions": _confusions(material),
            "models": _models(samples),
            "model_facts": list(_MODEL_FACTS.values()),
            "closed_form": history is not None and curves is None,
            "why_kept": curves.why_kept if curves else "",
            "history_payload": history_payload(curves) if curves else None,
            "history_picture": data_uri(_png(history_figure(curves))) if curves else "",
            "score_rows": rows,
            "score_filters": filters(rows),
            "glossary": scored_metrics(None if scores is None else set(scores["metric"])),
            "software": citations.SOFTWARE,
            "citations": citations.citations(material.projections, next(iter(material.projections.values()))),
        }
    )


def _absent(material: Material) -> list[tuple[str, str]]:
    """Return anchor of each section that has nothing to show, and what to do to have it."""
    given = {
        "transfer": (material.scores is not None, NO_SCORES),
        "predictions": (bool(material.predictions), NO_PREDICTIONS),
        "matches": (material.matches is not None and len(material.matches) > 0, NO_MATCHES),
        "genes": (material.genes is not None and len(material.genes) > 0, NO_GENES),
        "training": (material.history is not None or bool(models_of(material.samples.adata)), NO_HISTORY),
        "scores": (material.scores is not None, NO_SCORES),
    }
    return [(anchor, reason) for anchor, (is_there, reason) in given.items() if not is_there]


def _subtitle(material: Material, table: StudyTable) -> str:
    counts = (
        plural(material.samples.adata.n_obs, "sample"),
        plural(len(table.studies), "study", "studies"),
        plural(table.labels, f"value of {material.samples.label_name}", f"values of {material.samples.label_name}")
        if table.labels
        else f"{material.samples.label_name} not known",
        plural(len(material.projections), "embedding"),
        plural(material.reference.n, "reference sample")
        if material.reference is not None and material.reference.n
        else "",
    )
    return " · ".join(filter(None, counts))


def _trained_on(material: Material) -> str:
    """Name the training studies of the model that the report is about, '' where the file does not say."""
    key = material.predictions[0].key if material.predictions else ""
    studies = models_of(material.samples.adata).get(key, {}).get("training_studies")
    return "" if studies is None else enumerated([str(name) for name in np.atleast_1d(studies)])


def _still(material: Material) -> str:
    first = {key: next(iter(drawn.values())) for key, drawn in material.projections.items()}
    columns = [column.at(material.samples.shown) for column in material.columns[:_STILL_COLUMNS]]
    return data_uri(_png(embedding_figure(first, columns, note=material.samples.note)))


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    with figure_style():
        figure.savefig(buffer, format="png", dpi=_STILL_DPI, metadata={"Software": None})
    return buffer.getvalue()


def _confusions(material: Material) -> list[tuple[str, list[ConfusionView]]]:
    found = [
        (embedding_name(item.key), confusion_views(confusions(material.samples.labels, item.label, item.seen)))
        for item in material.predictions
        if item.is_of(material.samples.label_name) and item.knows_any(material.samples.labels)
    ]
    return [(name, views) for name, views in found if views]


def _models(samples: DrawnSamples) -> list[tuple[str, list[str]]]:
    """Return name and facts of each model behind the codes."""
    return [
        (embedding_name(key), [_fact(name, model.get(name)) for name in _MODEL_FACTS])
        for key, model in sorted(models_of(samples.adata).items())
    ]


def _fact(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "sha256":
        return str(value)[:12]
    if hasattr(value, "tolist"):
        value = value.tolist()
    return enumerated([str(item) for item in value], at_most=12) if isinstance(value, list) else str(value)
