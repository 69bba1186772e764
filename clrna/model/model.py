"""A trained model: arrays in, arrays out."""

import dataclasses
import hashlib
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.model.distance import Reference
from clrna.model.linear_network import LinearNetwork
from clrna.model.settings import ModelSettings
from clrna.model.transfer import TransferStatistics

if TYPE_CHECKING:  # loading torch takes longer than encoding a sample with a model that has no layers
    import torch

    from clrna.model.network import Autoencoder

# Samples that pass through the network at once, whatever the caller holds.
_ROWS = 1024


@dataclasses.dataclass
class Model:
    """A trained network with all that is needed to use it on other data.

    Attributes
    ----------
    settings
        How it was built and trained.
    network
        The trained network, on ``device``; one without layers may be in numpy.
    genes
        The input genes in order: index gene symbols, columns ``ensembl_id`` and ``entrez_id``.
    mean, sd
        Mean and deviation of each gene over the training samples, float32 of shape (genes,), in the
        units of the training data.
    classes
        Labels of the classifier, in order; empty if it was trained without labels.
    label_key
        Column(s) that the labels came from.
    scales
        Values of ``obs['scale']`` in the training data.
    training_studies
        Studies with a sample in the train or valid split.
    training_donors
        SHA-256 of the name of each donor with a sample in those, see :func:`hash_donor`.
    reference
        Where the training codes lie.
    distance_threshold
        Distance beyond which a sample is called unlike the training data.
    temperature
        Divisor of the logits that calibrates the probabilities.
    metrics, versions
        What was measured, and with which packages; as JSON can hold it.
    provenance
        Record of the training, from :func:`clrna.io.provenance.make_record`; may be empty.
    seed
        Seed of the training.
    extras
        Further named arrays that a step keeps in the model file.
    transfer
        Space, statistics and reference samples of a model that places studies by their samples; else None.
    device, precision
        Where and in which arithmetic the model computes; not part of the file.
    """

    settings: ModelSettings
    network: "Autoencoder | LinearNetwork"
    genes: pd.DataFrame
    mean: np.ndarray
    sd: np.ndarray
    classes: list[str]
    label_key: str
    scales: list[str]
    training_studies: list[str]
    training_donors: frozenset[str]
    reference: Reference
    distance_threshold: float
    temperature: float = 1.0
    metrics: dict[str, Any] = dataclasses.field(default_factory=dict)
    provenance: dict[str, Any] = dataclasses.field(default_factory=dict)
    versions: dict[str, str] = dataclasses.field(default_factory=dict)
    seed: int = 0
    extras: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    transfer: TransferStatistics | None = None
    device: "torch.device | str" = "cpu"
    precision: str = "fp32"

    @property
    def n_genes(self) -> int:
        """Number of input genes."""
        return len(self.genes)

    @property
    def latent_dim(self) -> int:
        """Number of features."""
        return self.settings.latent_dim

    def encode(self, standardized: np.ndarray) -> np.ndarray:
        """Return the codes of samples.

        Parameters
        ----------
        standardized
            Shape (samples, genes), the genes in the model's order, standardized as
            ``settings.standardize`` says (expression as it is where that is ``none``).

        Returns
        -------
        float32 of shape (samples, latent).
        """
        return self._apply(self.network.encode, standardized, self.n_genes)

    def reconstruct(self, codes: np.ndarray) -> np.ndarray:
        """Return expression, float32 of shape (samples, genes), in the units that :meth:`encode` takes."""
        return self._apply(self.network.decode, codes, self.latent_dim)

    def logits(self, codes: np.ndarray) -> np.ndarray:
        """Return the classifier's output before calibration, float32 of shape (samples, classes)."""
        return self._apply(self.network.classify, codes, self.latent_dim)

    def probabilities(self, codes: np.ndarray) -> np.ndarray:
        """Return the calibrated probability of each class, float32 of shape (samples, classes)."""
        logits = self.logits(codes).astype(np.float64) / self.temperature
        if logits.shape[1] == 0:
            return logits.astype(np.float32)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)

    def distance(self, codes: np.ndarray) -> np.ndarray:
        """Return how far each code lies from the training codes, float32 of shape (samples,)."""
        return self.reference.distance(codes)

    def _apply(self, function: Callable[[Any], Any], rows: np.ndarray, width: int) -> np.ndarray:
        if rows.ndim != 2 or rows.shape[1] != width:
            raise ValueError(f"an array of shape (samples, {width}) is needed, not {rows.shape}")
        starts = range(0, max(len(rows), 1), _ROWS)
        blocks = (np.ascontiguousarray(rows[start : start + _ROWS], dtype=np.float32) for start in starts)
        if isinstance(self.network, LinearNetwork):
            return np.concatenate([function(block) for block in blocks])
        return np.concatenate(list(self._by_torch(function, blocks)))

    def _by_torch(self, function: Callable[[Any], Any], blocks: Iterable[np.ndarray]) -> Iterable[np.ndarray]:
        import torch

        from clrna.model.device import arithmetic

        device = torch.device(self.device)
        with torch.inference_mode(), arithmetic(device, self.precision):
            for block in blocks:
                yield function(torch.from_numpy(block).to(device)).float().cpu().numpy()


def hash_donor(name: str) -> str:
    """Return the form in which a model keeps the name of a donor: SHA-256 in hexadecimal."""
    return hashlib.sha256(name.encode()).hexdigest()


def known_donors(donors: NDArray, hashes: Collection[str]) -> NDArray[np.bool_]:
    """Return for each sample whether its donor has a name, and that is among those kept as :func:`hash_donor` has it.

    Parameters
    ----------
    donors
        Names as text, '' where unknown, shape (samples,).
    hashes
        Of the donors that are known.
    """
    known = {name: bool(name) and hash_donor(str(name)) in hashes for name in set(donors.tolist())}
    return np.array([known[name] for name in donors.tolist()], dtype=bool)


def hash_donors(names: Iterable[str]) -> frozenset[str]:
    """Return the hashes of all donors that have a name."""
    return frozenset(hash_donor(str(name)) for name in set(names) if name)
