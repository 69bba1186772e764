"""Which samples a model is trained on, and with which label: everything decided before the first number is learned."""

import dataclasses
import difflib
import logging
from collections.abc import Sequence

import numpy as np

from clrna.constants import UNLABELLED
from clrna.errors import InputError, UsageError
from clrna.io.name_length import check_lengths
from clrna.model.settings import ModelSettings
from clrna.plural import plural
from clrna.quoted import listed, quoted

logger = logging.getLogger("clrna")

NO_CLASS = -1
# Scales whose values lie on both sides of 0 whatever the data.
_SIGNED_SCALES = ("log2_ratio", "zscore")


@dataclasses.dataclass(frozen=True)
class TrainingSamples:
    """What is known of the samples of a file; every array has the shape (samples,) and holds text.

    Attributes
    ----------
    labels
        '' where a sample has none.
    studies, donors, scales
        As in ``obs``.
    split
        ``train``, ``valid`` or ``test``.
    origin
        The file that they are from, for errors.
    names, categories
        Which samples they are and of which sample category, where that is known; nothing is learned from it.
    restored
        Which of them, a mask, are none of the file's but stand for those of the model that training starts from.
    """

    labels: np.ndarray
    studies: np.ndarray
    donors: np.ndarray
    scales: np.ndarray
    split: np.ndarray
    origin: str = "the input"
    names: np.ndarray | None = None
    categories: np.ndarray | None = None
    restored: np.ndarray | None = None

    @property
    def of_file(self) -> np.ndarray:
        """Which samples are the file's own, a mask."""
        return np.ones(len(self.split), dtype=bool) if self.restored is None else ~self.restored

    def of_split(self, *names: str) -> np.ndarray:
        """Return for each sample whether it is in one of the splits."""
        return np.isin(self.split, names)

    def all_used(self, *, valid: bool) -> "TrainingSamples":
        """Return samples of which those of the test split, and of the valid split if ``valid``, are trained on."""
        used = self.of_split("test", *(["valid"] if valid else []))
        return dataclasses.replace(self, split=np.where(used, "train", self.split).astype(object))

    def excluding(self, studies: Sequence[str]) -> "TrainingSamples":
        """Return samples of which those of ``studies`` are all in the test split.

        Raises
        ------
        UsageError
            There is no such study, or no other.
        """
        known = sorted(set(self.studies))
        for name in studies:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise UsageError(f"--exclude-study {quoted(name)}: no such study; there are {listed(known, 20)}{hint}")
        out = np.isin(self.studies, list(studies))
        if out.all():
            raise UsageError(f"--exclude-study {','.join(studies)}: no study is left to train on")
        shared = set(self.donors[out]) & set(self.donors[~out]) - {UNLABELLED}
        if shared:
            text = "%s also in the training studies; scores mark their samples"
            logger.info(
                text, plural(len(shared), "donor of the excluded studies is", "donors of the excluded studies are")
            )
        return dataclasses.replace(self, split=np.where(out, "test", self.split).astype(object))


def check_trainable(samples: TrainingSamples, values: np.ndarray, settings: ModelSettings) -> None:
    """Raise InputError where the samples cannot be trained on; warn where it makes little sense.

    Parameters
    ----------
    samples
        After :meth:`TrainingSamples.excluding`.
    values
        Expression, shape (samples, genes).
    settings
        What the network is.
    """
    odd = sorted(set(samples.split) - {"train", "valid", "test"})
    if odd:
        raise InputError(
            f"{samples.origin}: the split column holds {listed(odd, marks=True)}; "
            "it may hold train, valid and test only"
        )
    for what in ("labels", "studies", "scales"):
        check_lengths(f"{samples.origin}: {what}", map(str, getattr(samples, what)), "give shorter ones")
    nameless = samples.of_split("train", "valid") & (samples.studies == "")
    if nameless.any():
        count = int(nameless.sum())
        raise InputError(f"{samples.origin}: {count} training samples name no study; see --study-key")
    n_train, n_valid = (int((samples.of_split(name) & samples.of_file).sum()) for name in ("train", "valid"))
    if n_train == 0:
        raise InputError(f"{samples.origin}: no sample is in the train split; see --split-key and --exclude-study")
    if n_train == 1 and samples.restored is None:
        raise InputError(f"{samples.origin}: one sample is in the train split, two are needed; see --split-key")
    if n_valid == 0 and settings.has_layers:
        logger.warning("no sample is in the valid split: the last epoch is kept, and confidence is not calibrated")
    studies = sorted(set(samples.studies[samples.of_split("train")]))
    if len(studies) == 1:
        text = "all training samples are of one study (%s): nothing tells the model how studies differ"
        logger.warning(text, studies[0])
    if settings.output_activation == "relu":
        check_not_negative(samples, values, samples.of_split("train", "valid"))
    if settings.places_samples:
        _check_that_genes_differ(samples, values)


def _check_that_genes_differ(samples: TrainingSamples, values: np.ndarray) -> None:
    flat = int((values.min(axis=1) == values.max(axis=1)).sum())
    if flat:
        raise InputError(
            f"{samples.origin}: {flat} of {len(values)} samples have the same value in every gene, so that none can be "
            "standardized by itself; remove them, or see --standardize"
        )


def check_not_negative(samples: TrainingSamples, values: np.ndarray, used: np.ndarray) -> None:
    """Raise InputError where samples of ``used``, a mask, have values that a ReLU output cannot rebuild."""
    negative = used & ((values.min(axis=1) < 0) | np.isin(samples.scales, _SIGNED_SCALES))
    if negative.any():
        names = sorted({f"{study} ({scale})" for study, scale in zip(*_columns(samples, negative), strict=True)})
        raise InputError(
            f"{samples.origin}: studies {listed(names)} have values below 0, which the ReLU output of the original "
            "presets cannot rebuild; use --preset default, or --standardize genes, which makes the output linear"
        )


def _columns(samples: TrainingSamples, rows: np.ndarray) -> tuple[list[str], list[str]]:
    return samples.studies[rows].tolist(), samples.scales[rows].tolist()


def classes_to_learn(
    samples: TrainingSamples, min_class_size: int, settings: ModelSettings
) -> tuple[list[str], np.ndarray]:
    """Return the labels that are learned, sorted, and the class of each sample, -1 where it has none of them.

    Parameters
    ----------
    samples
        After :meth:`TrainingSamples.excluding`.
    min_class_size
        Labels of fewer training samples are left out.
    settings
        Whether the cost needs labels at all.

    Raises
    ------
    InputError
        The cost needs labels and there are not two of them.
    """
    names, counts = np.unique(samples.labels[samples.of_split("train")].astype(str), return_counts=True)
    there = names != UNLABELLED
    large = there & (counts >= min_class_size)
    small = [f"{name} ({count})" for name, count in zip(names[there & ~large], counts[there & ~large], strict=True)]
    if small:
        text = "labels with fewer than %d training samples are trained without label: %s"
        logger.info(text, min_class_size, listed(small, 20))
    classes = names[large].tolist()
    if settings.needs_labels and len(classes) < 2:
        found = f"one label only ({classes[0]})" if classes else "no label"
        raise InputError(
            f"{samples.origin}: the training samples have {found} with at least {min_class_size} samples, "
            "two are needed; see --label-key and --min-class-size, or train without labels by "
            "--classification-weight 0 --center-weight 0"
        )
    place = {name: number for number, name in enumerate(classes)}
    return classes, np.array([place.get(label, NO_CLASS) for label in samples.labels], dtype=np.int64)
