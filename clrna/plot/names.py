"""What readers call the things that files spell in short."""

from clrna.constants import X_CLRNA, X_COMBAT, X_HARMONY, X_PCA, X_STANDARDIZED

_EMBEDDINGS = {
    X_CLRNA: "CLRNA",
    X_COMBAT: "ComBat",
    X_HARMONY: "Harmony",
    X_PCA: "PCA",
    X_STANDARDIZED: "Per-study z-scores",
}
_METRICS = {
    "transfer_f1": "Label found across studies, macro-F1",
    "replicate_recall": "Same donor found in another study, recall@1",
    "replicate_mrr": "Same donor found in another study, mean reciprocal rank",
    "knn_accuracy": "Label by nearest neighbours, accuracy",
    "knn_f1": "Label by nearest neighbours, macro-F1",
    "study_predictability": "Study predictability",
    "study_chance": "Study by chance",
    "study_from_label": "Study from the label alone",
    "silhouette": "Silhouette",
    "calinski_harabasz": "Calinski-Harabasz index",
    "davies_bouldin": "Davies-Bouldin index",
    "bras": "BRAS, mixing within labels",
    "ilisi": "iLISI, studies mixed",
    "clisi": "cLISI, labels kept apart",
    "kbet": "kBET, mixing within labels",
    "pcr": "PCR comparison, variance of studies removed",
}
_ORDER = (X_CLRNA, X_COMBAT, X_STANDARDIZED, X_HARMONY, X_PCA)


def embedding_name(key: str) -> str:
    """Return how an ``obsm`` key is called in figures: ``X_combat`` is ComBat."""
    return _EMBEDDINGS.get(key, key.removeprefix("X_").replace("_", " "))


def reading_order(keys: list[str]) -> list[str]:
    """Sort ``obsm`` keys: CLRNA's models, then ComBat, the other baselines, and what nobody knows by name."""
    ranks = {key: _ORDER.index(key) + 1 if key in _ORDER else len(_ORDER) + 1 for key in keys}
    return sorted(keys, key=lambda key: (0 if key.startswith(X_CLRNA) else ranks[key], key))


def metric_name(metric: str, label_key: str = "") -> str:
    """Return how a metric is called in figures, with the name of the label in place of the word."""
    name = _METRICS.get(metric, metric.replace("_", " "))
    return name.replace("Label", label_key.replace("_", " ").capitalize(), 1) if label_key else name
