"""Make a model of ours of the published checkpoint and the data it was trained on."""

import logging
from collections.abc import Mapping
from importlib import metadata as packages
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clrna import __version__
from clrna.constants import ENSEMBL_ID, ENTREZ_ID
from clrna.donors import donors_of
from clrna.errors import InputError
from clrna.fetch.published_network import read_network
from clrna.fetch.source import Paths, Request
from clrna.fetch.sources import modac_combined as data
from clrna.genes import map_genes
from clrna.io.matrix.modac_text import read_blocks
from clrna.labels import harmonize_category
from clrna.model.calibration import fit_threshold
from clrna.model.distance import Reference, fit_reference
from clrna.model.model import Model, hash_donors
from clrna.model.model_file import save_model
from clrna.model.standardize import GeneStatistics

logger = logging.getLogger("clrna")

# Below this share of training samples that the classifier calls as they were labelled, the rebuilt classes are not
# those it was trained with; a trained classifier reaches much more, one with other classes about 1 in 30.
_LEAST_ACCURACY = 0.5
# What the preprocessing of the published training data made its classes from.
_SITE, _CATEGORY = "tumor_site_from_data_src", "sample_category"
_SMALLEST = 100
NO_CLASS = -1


def convert_published(
    index: Path, weights: Path, paths: Paths, request: Request, output: Path, record: Mapping[str, Any]
) -> None:
    """Write the model as our ``.safetensors``.

    Weights come from the checkpoint. What our models know of their training data beside them is computed from the
    published data: mean and deviation of each gene, where the training codes lie, studies and donors. Which samples
    were in the original's train split is not known, so all samples of its classes count as seen.

    Parameters
    ----------
    index, weights
        The checkpoint's files.
    paths
        ``combined_rnaseq_data`` and ``combined_cl_metadata`` by these names.
    request
        Threads to use.
    output
        File to write, whole or not at all.
    record
        Provenance record of this run.

    Raises
    ------
    InputError
        A file is damaged, or the checkpoint does not belong to the data.
    """
    settings, network = read_network(index, weights)
    genes = data.genes_of(paths[data.MATRIX])
    inputs = network.encoder[0].in_features
    if len(genes) != inputs:
        raise InputError(f"{paths[data.MATRIX]}: has {len(genes)} genes, the checkpoint takes {inputs}; load both anew")
    latent_dim = settings.latent_dim
    model = Model(
        settings=settings,
        network=network,
        genes=_described(genes),
        mean=np.zeros(len(genes), np.float32),
        sd=np.ones(len(genes), np.float32),
        classes=unnamed_classes(network.n_classes),
        label_key="tumor_site_from_data_src,sample_category",
        scales=["log2_expression"],
        training_studies=[],
        training_donors=frozenset(),
        reference=Reference(np.zeros((1, latent_dim), np.float32), np.ones(latent_dim, np.float32)),
        distance_threshold=float("inf"),
        provenance=dict(record),
        versions={"clrna": __version__} | {name: packages.version(name) for name in ("numpy", "torch")},
    )
    _learn_from_data(model, paths, request)
    save_model(model, output)
    logger.info("wrote %s: %d genes to %d features, %d classes", output, len(genes), latent_dim, len(model.classes))


def _learn_from_data(model: Model, paths: Paths, request: Request) -> None:
    """Complete ``model`` with what the published data tell, reading them once."""
    table = data.read_metadata(paths[data.METADATA])
    labels = published_labels(table)
    statistics = GeneStatistics(model.n_genes)
    names: list[str] = []
    parts: list[np.ndarray] = []
    for block in read_blocks(paths[data.MATRIX], request.threads):
        used = labels.reindex(block.names).fillna("").ne("").to_numpy()
        if not np.isfinite(block.values).all():
            raise InputError(f"{paths[data.MATRIX]}: lacks values near {block.names[0]}; it is damaged, load it anew")
        if used.any():
            statistics.update(block.values[used])
            parts.append(model.encode(block.values[used]))
        names += [name for name, kept in zip(block.names, used, strict=True) if kept]
        logger.info("encoded %d of about %d training samples", len(names), int(labels.ne("").sum()))
    if not names:
        raise InputError(f"{paths[data.METADATA]}: names no class of 100 samples or more; load it anew")
    codes = np.concatenate(parts)
    samples = data.combined_samples(names, table, paths)
    model.mean, model.sd = statistics.mean.astype(np.float32), statistics.sd.astype(np.float32)
    called = model.logits(codes).argmax(axis=1)
    truth = _name_classes(model, labels.loc[names], called)
    # Centers are those of the classes, or of what the classifier calls them where the classes have no names.
    model.reference = fit_reference(codes, called if truth is None else truth)
    model.distance_threshold = fit_threshold(model.reference.distance(codes))
    model.training_studies = sorted(set(samples["study"]))
    categories = list(harmonize_category(samples["sample_category"]))
    donors = donors_of(names, samples["study"].tolist(), categories, samples["donor"].tolist())
    model.training_donors = hash_donors(donors.donor.tolist())


def _name_classes(model: Model, labels: pd.Series, called: np.ndarray) -> np.ndarray | None:
    """Name the classes if the data bear the names out; return the samples' class numbers, None if they do not."""
    classes = published_classes(labels)
    if len(classes) != len(model.classes):
        text = "the metadata give %d classes, the checkpoint has %d: its classes stay without names"
        logger.warning(text, len(classes), len(model.classes))
        return None
    truth = numbers_of(labels, classes)
    accuracy = float((truth == called).mean())
    if accuracy < _LEAST_ACCURACY:
        text = (
            "the classifier agrees with the rebuilt classes on %.1f %% of the samples: its classes stay without names"
        )
        logger.warning(text, 100 * accuracy)
        return None
    logger.info("the classifier agrees with the rebuilt classes on %.1f %% of the training samples", 100 * accuracy)
    model.classes = classes
    model.metrics = {
        "groups": [
            {"name": "published data", "in_sample": True, "n": len(truth), "accuracy": accuracy, "macro_f1": None}
            | {"mean_confidence": None, "unlike_training": None}
        ]
    }
    return truth


def _described(genes: list[str]) -> pd.DataFrame:
    """Return the genes under the published names, with identifiers that outlast a change of name."""
    mapping = map_genes(genes)
    columns = {ENSEMBL_ID: mapping.ensembl_id, ENTREZ_ID: mapping.entrez_id}
    return pd.DataFrame(columns, index=pd.Index(genes, dtype=object, name="symbol"), dtype=object)


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
