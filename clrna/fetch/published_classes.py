"""The classes of the published model, rebuilt from the metadata as its preprocessing made them."""

import numpy as np
import pandas as pd

_SITE, _CATEGORY = "tumor_site_from_data_src", "sample_category"
_SMALLEST = 100
NO_CLASS = -1


def published_labels(metadata: pd.DataFrame) -> pd.Series:
    """Return each sample's class: the lower-cased tumour site, a space, and the sample category.

    Classes of fewer than 100 samples were dropped; their samples have ''.

    Parameters
    ----------
    metadata
        ``combined_cl_metadata`` of the samples of the matrix, as text.
    """
    labels = metadata[_SITE].str.lower() + " " + metadata[_CATEGORY]
    counts = labels.value_counts()
    return labels.where(labels.map(counts) >= _SMALLEST, "")


def published_classes(labels: pd.Series) -> list[str]:
    """Return the classes in the order of the classifier's outputs, which is that of their names."""
    return sorted(set(labels) - {""})


def unnamed_classes(count: int) -> list[str]:
    """Return names for outputs of a classifier that the metadata do not tell apart."""
    return [f"published class {number}" for number in range(count)]


def numbers_of(labels: pd.Series, classes: list[str]) -> np.ndarray:
    """Return the number of each sample's class, -1 where it has none; shape (samples,)."""
    places = {name: number for number, name in enumerate(classes)}
    return np.array([places.get(label, NO_CLASS) for label in labels], dtype=np.int64)
