"""Samples of a file beside those of the model that training goes on from, which are restored."""

import logging
from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clrna.constants import UNLABELLED
from clrna.encode.alignment import align_genes, check_coverage
from clrna.errors import InputError, UsageError
from clrna.model.reference_samples import names_of_labels
from clrna.plural import plural
from clrna.quoted import listed, quoted
from clrna.train.restored import RestoredSamples, restore_samples
from clrna.train.samples import TrainingSamples
from clrna.train.start import Start
from clrna.train.training_file import TrainingFile

logger = logging.getLogger("clrna")


def begin_from(start: Start, given: TrainingFile, exclude_studies: Collection[str], seed: int) -> TrainingFile:
    """Return the samples of a model, restored, and after them those of a file, in the model's genes.

    Parameters
    ----------
    start
        After :func:`check_start`.
    given
        What is new.
    exclude_studies
        Studies that nothing is learned from.
    seed
        Of what is drawn.

    Raises
    ------
    InputError
        A study of the file is one of the model's, or the file has none of the model's genes.
    UsageError
        A study of the model is to be excluded, or all of the file's.
    """
    model, origin = start.model, Path(given.samples.origin)
    old, used = set(model.training_studies), set(given.samples.studies.tolist()) - set(exclude_studies)
    inside = sorted(old.intersection(exclude_studies))
    if inside:
        raise UsageError(f"--exclude-study {quoted(inside[0])}: is in the model of --start, which cannot be without it")
    shared = sorted(old & used)
    if shared:
        raise InputError(
            f"{origin}: {plural(len(shared), 'study', 'studies')} of that name ({listed(shared)}) the model of --start "
            "has already; rename, or --exclude-study what is there twice"
        )
    if not used:
        raise UsageError(f"--exclude-study {','.join(exclude_studies)}: no study is left to train on")
    genes = [str(name) for name in given.genes.index]
    alignment = align_genes(genes, model.genes)
    check_coverage(alignment, genes, 0.0, origin)
    restored = _restored(start, seed)
    logger.info(
        "starting from %s: %s of %s restored from their codes", start.name,
        plural(len(restored.values), "sample"), plural(len(set(restored.studies)), "study", "studies"),
    )  # fmt: skip
    own = alignment.gather(given.values[:, alignment.columns], add=False)
    missing = ~alignment.present
    own[:, missing] = own[:, ~missing].mean(axis=1, keepdims=True)  # any value will do: it counts as not measured
    everywhere = dict.fromkeys(given.samples.studies.astype(str).tolist(), np.ones(len(genes), dtype=bool))
    measured = {
        study: np.bincount(alignment.genes, weights=there[alignment.columns], minlength=model.n_genes) > 0
        for study, there in {**everywhere, **given.measured}.items()
    }
    return TrainingFile(
        np.vstack([restored.values, own]), model.genes, _joined(start, restored, given.samples), given.records, measured
    )


def _restored(start: Start, seed: int) -> RestoredSamples:
    model = start.model
    if model.transfer is None:
        raise ValueError("the model keeps no samples")
    if not model.classes and (model.transfer.labels >= 0).any():
        raise InputError(
            f"--start {start.name}: does not name the labels that its studies are placed by, as it was trained with "
            "--classification-weight 0; train it anew without"
        )
    arrays = model.network.to_arrays()
    number_of = {name: number for number, name in enumerate(model.training_studies)}
    try:
        return restore_samples(model.transfer, arrays["linear_weight"], arrays["linear_bias"], number_of, seed)
    except (KeyError, ValueError) as error:
        raise InputError(f"--start {start.name}: its samples cannot be restored ({error}); train it anew") from error


def _joined(start: Start, restored: RestoredSamples, own: TrainingSamples) -> TrainingSamples:
    model = start.model
    n_old, n_new = len(restored.values), len(own.labels)
    nothing = np.full(n_old, UNLABELLED, dtype=object)
    references = model.transfer.references if model.transfer is not None else None

    def known(old: NDArray | None, new: NDArray | None) -> NDArray | None:
        return None if new is None else np.concatenate([nothing if old is None else old, new])

    donors = None if references is None else references.donors
    return TrainingSamples(
        labels=np.concatenate([names_of_labels(restored.labels, model.classes), own.labels]),
        studies=np.concatenate([restored.studies, own.studies]),
        donors=np.concatenate([nothing if donors is None else donors, own.donors]),
        scales=np.concatenate([nothing, own.scales]),
        split=np.concatenate([np.full(n_old, "train", dtype=object), own.split]),
        origin=own.origin,
        names=known(None if references is None else references.names, own.names),
        categories=known(None if references is None else references.categories, own.categories),
        restored=np.arange(n_old + n_new) < n_old,
    )
