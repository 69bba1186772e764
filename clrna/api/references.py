"""Reference samples as Python users give them: encoded, as the model that holds them, or as a file of either."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from anndata import AnnData

from clrna.api.model import Model
from clrna.api.parameters import ADATA, label_columns
from clrna.io import contract
from clrna.match.files import read_reference, refuse_other_model, told_model
from clrna.match.of_adata import reference_of
from clrna.match.of_model import reference_in
from clrna.match.samples import MatchSamples
from clrna.match.settings import MatchSettings
from clrna.model.packaged_models import model_path
from clrna.plot.reference import DrawnReference, drawn_reference, key_of_model
from clrna.results.samples import DrawnSamples

Reference: TypeAlias = AnnData | Model | str | os.PathLike[str]
_REFERENCE = Path("reference")


def reference_samples(reference: Reference, model: str, settings: MatchSettings) -> tuple[MatchSamples, Path]:
    """Return the reference samples, and how errors call them.

    Parameters
    ----------
    reference
        As :func:`clrna.tl.match` takes it.
    model
        SHA-256 of the model behind the codes that they are held against.
    settings
        Names of what is read.
    """
    if isinstance(reference, AnnData):
        contract.check(reference, _REFERENCE)
        refuse_other_model(told_model(reference, settings.key, _REFERENCE), _REFERENCE, model, ADATA)
        return reference_of(reference, _REFERENCE, settings), _REFERENCE
    if isinstance(reference, Model):
        refuse_other_model(reference._sha256, _REFERENCE, model, ADATA)
        return reference_in(reference, _REFERENCE, settings.label_name), _REFERENCE
    path = model_path(reference)
    return read_reference(path, model, ADATA, settings), path


def reference_to_draw(
    samples: DrawnSamples,
    reference: Reference | None,
    label_key: str | Sequence[str],
    study_key: str,
    max_points: int,
    random_state: int,
) -> DrawnReference | None:
    """Return what is drawn of a reference, None where none is given."""
    if reference is None:
        return None
    key = key_of_model(samples)
    label, label_by = label_columns(label_key)
    settings = MatchSettings(key=key, study_key=study_key, label_key=label, label_by=label_by)
    found, _ = reference_samples(reference, told_model(samples.adata, key, ADATA), settings)
    return drawn_reference(samples, found, key, max_points=max_points, seed=random_state)
