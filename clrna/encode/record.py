"""What a file keeps of the model that encoded it: ``uns['clrna']['models']`` and the provenance chain."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from clrna.constants import UNLABELLED
from clrna.encode.alignment import GeneAlignment
from clrna.encode.conversion import Conversion
from clrna.encode.inspection import Inspection
from clrna.encode.names import ResultNames
from clrna.encode.plan import StudyPlan
from clrna.encode.recognition import Recognized
from clrna.model.model import Model


def model_entry(model: Model, model_name: str, sha256: str, names: ResultNames) -> dict[str, Any]:
    """Return what a reader of the codes has to know of the model behind them; text, numbers and arrays of these."""
    return {
        "sha256": sha256,
        "file": model_name,
        "preset": model.settings.preset_name,
        "standardize": model.settings.standardize,
        "latent_dim": model.latent_dim,
        "label_key": model.label_key,
        "classes": _texts(model.classes),
        "training_studies": _texts(model.training_studies),
        "scales": _texts(model.scales),
        "distance_threshold": model.distance_threshold,
        "n_genes": model.n_genes,
        "columns": names.columns,
    }


def run_entry(
    adapt: str, plan: StudyPlan, conversions: Sequence[Conversion], alignment: GeneAlignment, inspection: Inspection
) -> dict[str, Any]:
    """Return what was done to this file's samples; arrays of studies are parallel."""
    return {
        "adapt": adapt,
        "studies": _texts(plan.names),
        "study_samples": plan.counts.astype(np.int64),
        "study_standardized_by": _texts(plan.standardized_by),
        "study_reason": _texts(plan.reasons),
        "study_scale_found": _texts([conversion.source.name for conversion in conversions]),
        "study_scale_used": _texts([conversion.target for conversion in conversions]),
        "coverage": alignment.coverage,
        "missing_genes": _texts(alignment.missing),
        "merged_columns": alignment.n_merged,
        "values_filled": int(inspection.not_finite.sum()),
    }


def recognized_entry(plan: StudyPlan, recognized: Recognized) -> dict[str, Any]:
    """Return which of the file's studies the model holds under another name, '' for the others; parallel to them."""
    return {"study_known_as": _texts([recognized.known_as.get(name, UNLABELLED) for name in plan.names])}


def facts(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a file's entry that belongs into the provenance record."""
    studies = zip(entry["studies"], entry["study_standardized_by"], entry["study_reason"], strict=True)
    return {
        "model_sha256": entry["sha256"],
        "adapt": {str(name): f"{how}: {why}" for name, how, why in studies},
        "scales": dict(zip(entry["studies"].tolist(), entry["study_scale_used"].tolist(), strict=True)),
        "coverage": round(entry["coverage"], 6),
        "genes_missing": len(entry["missing_genes"]),
        "values_filled": entry["values_filled"],
    }


def _texts(values: Sequence[str]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = [str(value) for value in values]
    return array


def chain_of(model: Model) -> list[dict[str, Any]]:
    """Return the record of how the model came about, none where it holds none."""
    return [dict(model.provenance)] if model.provenance else []
