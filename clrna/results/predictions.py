"""What models said of the samples: predicted label, confidence, and whether they had seen them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from clrna.constants import CONFIDENCE, LABEL, SEEN, UNCERTAIN, UNLIKE_TRAINING, UNS, UNS_MODELS, X_CLRNA
from clrna.io.contract import text_column
from clrna.io.text.cell_numbers import cell_numbers

_DEFAULT_COLUMNS = {
    "label": LABEL, "confidence": CONFIDENCE, "uncertain": UNCERTAIN, "unlike_training": UNLIKE_TRAINING, "seen": SEEN,
}  # fmt: skip


@dataclass(frozen=True)
class Predictions:
    """The results of one model, each of shape (samples,)."""

    key: str  # obsm key of its codes
    column: str  # obs column of the predicted label
    label_key: str  # column that the model was trained on, '' where the file does not say
    label: NDArray  # text, '' where there is none
    confidence: NDArray  # probability that the label is right, NaN where there is none
    unlike_training: NDArray | None  # bool; None where the file does not say
    seen: NDArray  # as obs['clrna_seen'], '' where the file does not say
    classes: frozenset[str] = frozenset()  # labels that the model knows, none where the file does not say
    uncertain: NDArray | None = None  # bool: whether the label is too unsure to rely on; None where not told
    known_as: Mapping[str, str] = field(default_factory=dict)  # studies that the model holds by another name: which

    def is_of(self, label_name: str) -> bool:
        """Tell whether this label is what was predicted, so that the two may be compared."""
        return self.label_key in ("", label_name)

    def knows_any(self, labels: NDArray) -> bool:
        """Tell whether the model has a word for any of these labels, without which none could be right."""
        return not self.classes or bool(self.classes.intersection(labels))


def models_of(adata: AnnData) -> dict[str, dict]:
    """Return what the file tells of the models behind its codes, by ``obsm`` key."""
    own = adata.uns.get(UNS)
    models = own.get(UNS_MODELS) if isinstance(own, Mapping) else None
    return {str(key): dict(value) for key, value in models.items()} if isinstance(models, Mapping) else {}


def predictions_in(adata: AnnData) -> list[Predictions]:
    """Return the results of every model in a file, ``X_clrna`` first; none where nothing was predicted."""
    columns = {X_CLRNA: _DEFAULT_COLUMNS}
    for key, model in models_of(adata).items():
        named = model.get("columns")
        if isinstance(named, Mapping):
            columns[key] = {what: str(name) for what, name in named.items()}
    keys = sorted(columns, key=lambda key: (key != X_CLRNA, key))
    models = models_of(adata)
    return [
        _of(adata, key, columns[key], models.get(key, {})) for key in keys if columns[key].get("label") in adata.obs
    ]


def _of(adata: AnnData, key: str, columns: Mapping[str, str], model: Mapping[str, Any]) -> Predictions:
    obs, nothing = adata.obs, np.full(adata.n_obs, "", dtype=object)
    confidence, unlike, seen = (columns.get(name, "") for name in ("confidence", "unlike_training", "seen"))
    uncertain = columns.get("uncertain", "")
    return Predictions(
        key=key,
        column=columns["label"],
        label_key=str(model.get("label_key", "")),
        label=text_column(obs[columns["label"]]),
        confidence=_numbers(obs[confidence]) if confidence in obs else np.full(adata.n_obs, np.nan),
        unlike_training=_flags(obs[unlike]) if unlike in obs else None,
        seen=text_column(obs[seen]) if seen in obs else nothing,
        uncertain=_flags(obs[uncertain]) if uncertain in obs else None,
        classes=frozenset(str(name) for name in _names(model, "classes")),
        known_as=_known_as(model),
    )


def _names(model: Mapping[str, Any], what: str) -> NDArray:
    return np.atleast_1d(np.asarray(model.get(what, ()), dtype=object))


def _known_as(model: Mapping[str, Any]) -> dict[str, str]:
    """Return which studies the model holds under another name; none where the file does not say."""
    studies, names = _names(model, "studies"), _names(model, "study_known_as")
    pairs = zip(studies, names, strict=True) if len(studies) == len(names) else ()
    return {str(study): str(name) for study, name in pairs if name}


def _numbers(column: pd.Series) -> NDArray:
    return cell_numbers(column)


def _flags(column: pd.Series) -> NDArray:
    return np.isin(np.char.lower(text_column(column).astype(str)), ("true", "1", "1.0"))
