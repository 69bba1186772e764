"""What is found out about a trained network before it is a model: its reference, calibration and scores."""

import dataclasses
import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clrna.encode.arrays import EncodedSamples, encode_array
from clrna.encode.matrix import Matrix
from clrna.encode.recognition import recognize
from clrna.metrics.macro_f1 import macro_f1
from clrna.model.calibration import fit_temperature, fit_threshold
from clrna.model.distance import fit_reference
from clrna.model.linear_network import LinearNetwork
from clrna.model.model import Model, known_donors
from clrna.model.network import Autoencoder
from clrna.model.row_view import RowView
from clrna.model.settings import STUDY_MIN_SAMPLES
from clrna.quoted import quoted
from clrna.train.samples import NO_CLASS, TrainingSamples
from clrna.train.stored import ChosenSamples

logger = logging.getLogger("clrna")

# Samples that are encoded at a time.
_ROWS = 512


def finish_model(model: Model, values: np.ndarray | Matrix, samples: TrainingSamples, labels: np.ndarray) -> Model:
    """Return ``model`` with reference, threshold, temperature and metrics.

    Codes are computed as ``clrna-encode`` does. Those behind reference, threshold and temperature come
    from the train and valid splits alone; test samples enter into the metrics only.

    Parameters
    ----------
    model
        With the trained network.
    values
        Expression of all samples, shape (samples, genes).
    samples
        Split and study of each.
    labels
        Class of each, -1 where it has none.
    """
    used = np.flatnonzero(samples.of_split("train", "valid"))
    # What lacks genes is unlike the training at any distance, so without a threshold this tells which samples do.
    encoded = _encoded(_as_used(dataclasses.replace(model, distance_threshold=np.inf)), values, samples, used)
    codes = encoded.codes
    train, valid = (samples.of_split(name)[used] for name in ("train", "valid"))
    reference = fit_reference(codes[train], labels[used][train])
    model = dataclasses.replace(model, reference=reference)
    held = valid if valid.any() else train
    if model.transfer is None:
        model = dataclasses.replace(
            model,
            distance_threshold=fit_threshold(reference.distance(codes[held])),
            temperature=fit_temperature(model.logits(codes[valid]), labels[used][valid]) if valid.any() else 1.0,
        )
    else:
        # Codes of few training samples lie farther out than those of samples that the closed form was not made from.
        own = fit_threshold(reference.distance(codes[train]))
        model = dataclasses.replace(model, distance_threshold=max(model.distance_threshold, own))
    if model.transfer is None or len(used) < len(labels):
        encoded = _encoded(_as_used(model), values, samples, np.arange(len(labels)))
    else:  # nothing but the distances is another than before
        distance = model.distance(codes)
        unlike = encoded.unlike_training | (distance > model.distance_threshold)
        encoded = dataclasses.replace(encoded, distance=distance, unlike_training=unlike)
    metrics = {**model.metrics, **measure(model, encoded, samples, labels)}
    _log(metrics)
    return dataclasses.replace(model, metrics=metrics)


def measure(model: Model, encoded: EncodedSamples, samples: TrainingSamples, labels: np.ndarray) -> dict[str, Any]:
    """Return accuracy and macro-F1 of the predicted label by group of samples, which ``encoded`` has all of.

    A group is in-sample where its samples, or others of their study, were used in training; what a
    model is worth on other data is told by those that are not.

    Returns
    -------
    ``groups``: a list of ``name``, ``n``, ``accuracy``, ``macro_f1``, ``mean_confidence``,
    ``unlike_training`` (a share) and ``in_sample``; ``n`` counts samples with a label that the model knows.
    """
    if not model.classes:
        return {"groups": []}
    seen_study = np.isin(samples.studies, model.training_studies)
    own = samples.of_file
    groups = {f"{name} split": (samples.of_split(name) & seen_study & own, True) for name in ("train", "valid", "test")}
    recognized = recognize(model, encoded.codes, samples.studies, seen_study)
    seen_donor = known_donors(samples.donors, model.training_donors) | recognized.samples
    for study in sorted(set(samples.studies[~seen_study])):
        inside = samples.studies == study
        groups[f"study {study}, left out"] = (inside & ~seen_donor, False)
        groups[f"study {study}, left out, of donors trained on"] = (inside & seen_donor, True)
    rows = []
    for name, (inside, in_sample) in groups.items():
        if inside.any():
            rows.append({"name": name, "in_sample": in_sample, **_scores(model, encoded, labels, inside)})
    return {"groups": rows}


def _scores(model: Model, encoded: EncodedSamples, labels: np.ndarray, inside: np.ndarray) -> dict[str, Any]:
    known = inside & (labels != NO_CLASS)
    truth = np.array([*model.classes, ""], dtype=object)[labels[known]]
    called = encoded.label[known]
    there = bool(known.any())
    return {
        "n": int(known.sum()),
        "accuracy": float((truth == called).mean()) if there else None,
        "macro_f1": macro_f1(truth.astype(str), called.astype(str)) if there else None,
        "mean_confidence": float(encoded.confidence[known].mean(dtype=np.float64)) if there else None,
        "unlike_training": float(encoded.unlike_training[inside].mean()),
    }


def _as_used(model: Model) -> Model:
    """Return a model whose closed form is computed as it is once it was saved, in one pass over the samples."""
    if model.settings.has_layers or str(model.device) != "cpu" or not isinstance(model.network, Autoencoder):
        return model
    return dataclasses.replace(model, network=LinearNetwork(model.network.to_arrays(), model.network.output_is_relu))


def _encoded(
    model: Model, values: np.ndarray | Matrix, samples: TrainingSamples, rows: NDArray[np.intp]
) -> EncodedSamples:
    given = RowView(values, rows) if isinstance(values, np.ndarray) else ChosenSamples(values, rows)
    return encode_array(
        model, given, samples.studies[rows], adapt="auto", adapt_min_samples=STUDY_MIN_SAMPLES, chunk_size=_ROWS
    )


def _log(metrics: dict[str, Any]) -> None:
    for row in metrics["groups"]:
        if row["n"]:
            text = "%s: accuracy %.3f, macro-F1 %.3f over %d samples%s"
            mark = ", in-sample" if row["in_sample"] else ", study left out"
            logger.info(text, quoted(row["name"]), row["accuracy"], row["macro_f1"], row["n"], mark)
