"""Make scib_metrics.json, what scib-metrics computes on a seeded embedding.

It drags in jax and more than a gigabyte, so it is no dependency of the tests; they compare with the
committed file. To make it anew::

    python -m venv scib && scib/bin/pip install scib-metrics && scib/bin/python make_scib_reference.py
"""

import json
from importlib import metadata
from pathlib import Path

import numpy as np
import scib_metrics
from scib_metrics.nearest_neighbors import NeighborsResults
from scipy.spatial.distance import cdist


def made_up_data() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return expression, embedding, labels and studies of 160 samples: 4 labels of unequal size in 3 studies."""
    rng = np.random.default_rng(20260101)
    labels = np.array(["a"] * 60 + ["b"] * 45 + ["c"] * 35 + ["d"] * 20)
    studies = np.array(["s", "t", "u"])[rng.choice(3, len(labels), p=[0.5, 0.3, 0.2])]
    of_label = {name: rng.normal(0, 0.8, 8) for name in "abcd"}
    of_study = {name: rng.normal(0, 1, 8) for name in "stu"}
    noise = rng.normal(0, 1, (len(labels), 8))
    expression = np.array([of_label[x] + of_study[y] for x, y in zip(labels, studies, strict=True)]) + noise
    embedding = np.array([of_label[x] + 0.4 * of_study[y] for x, y in zip(labels, studies, strict=True)]) + noise
    return expression.round(4), embedding.round(4), labels, studies


def exact_neighbors(values: np.ndarray, k: int) -> NeighborsResults:
    """Return the k nearest samples, itself included as scib-metrics has it."""
    distances = cdist(values, values)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return NeighborsResults(indices=order, distances=np.take_along_axis(distances, order, axis=1))


def main() -> None:
    """Compute and write."""
    expression, embedding, labels, studies = made_up_data()
    near = exact_neighbors(embedding, 46)
    first = labels == "a"
    values = {
        "silhouette_label": scib_metrics.silhouette_label(embedding, labels, rescale=False),
        "bras": scib_metrics.metrics.bras(embedding, labels, studies),
        "ilisi": scib_metrics.ilisi_knn(near, studies, perplexity=15),
        "clisi": scib_metrics.clisi_knn(near, labels, perplexity=15),
        "kbet_all_15": scib_metrics.kbet(exact_neighbors(embedding, 15), studies)[0],
        "kbet_label_a_10": scib_metrics.kbet(exact_neighbors(embedding[first], 10), studies[first])[0],
        "kbet_label_a_10_p": np.mean(scib_metrics.kbet(exact_neighbors(embedding[first], 10), studies[first])[2]),
        "pcr_before": scib_metrics.utils.principal_component_regression(expression, studies, categorical=True),
        "pcr_after": scib_metrics.utils.principal_component_regression(embedding, studies, categorical=True),
        "pcr_comparison": scib_metrics.pcr_comparison(expression, embedding, studies, categorical=True),
    }
    content = {
        "scib_metrics": metadata.version("scib-metrics"),
        "jax": metadata.version("jax"),
        "values": {name: float(value) for name, value in values.items()},
        "expression": expression.tolist(),
        "embedding": embedding.tolist(),
        "labels": labels.tolist(),
        "studies": studies.tolist(),
        "lisi_of_studies": np.asarray(scib_metrics.lisi_knn(near, studies, perplexity=15), dtype=float)
        .round(6)
        .tolist(),
    }
    Path(__file__).with_name("scib_metrics.json").write_text(json.dumps(content, indent=None) + "\n")


if __name__ == "__main__":
    main()
