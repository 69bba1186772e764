"""Which samples a step sees, and how they are disturbed."""

import dataclasses

import numpy as np
import torch


@dataclasses.dataclass(frozen=True)
class LabelledRows:
    """Samples of one split as the network takes them.

    Parameters
    ----------
    genes
        float32 of shape (samples, genes), standardized as the settings say.
    labels
        int64 of shape (samples,), class from 0, -1 where there is none.
    """

    genes: torch.Tensor
    labels: torch.Tensor

    @classmethod
    def from_arrays(cls, genes: np.ndarray, labels: np.ndarray, device: torch.device) -> "LabelledRows":
        """Return the rows on ``device`` where they fit in half of its free memory, else where they are."""
        rows = torch.from_numpy(np.ascontiguousarray(genes, dtype=np.float32))
        if device.type == "cuda" and rows.nbytes < torch.cuda.mem_get_info(device)[0] / 2:
            rows = rows.to(device)
        return cls(rows, torch.from_numpy(labels.astype(np.int64)).to(rows.device))

    def __len__(self) -> int:
        return len(self.genes)

    def take(self, rows: torch.Tensor, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the genes and labels of ``rows`` on ``device``."""
        index = rows.to(self.genes.device)
        return self.genes[index].to(device), self.labels[index].to(device)


def shuffled(n_samples: int, batch_size: int, generator: torch.Generator) -> torch.Tensor:
    """Return an epoch's samples in random order, int64 of shape (steps, batch_size).

    Every batch is full, as in the published training: the last is topped up from the epoch's
    beginning, and a batch that is larger than the data holds samples more than once.
    """
    order = torch.randperm(n_samples, generator=generator)
    steps = -(-n_samples // batch_size)
    return order[torch.arange(steps * batch_size) % n_samples].view(steps, batch_size)


@dataclasses.dataclass(frozen=True)
class Disturbance:
    """What a training step does to its input so that the network bears unseen studies.

    Parameters
    ----------
    gene_dropout
        Share of the genes of each sample that are set to their mean.
    gene_shift
        Deviation, in those of the gene, of a shift that all samples of the batch have in common, as
        the samples of a study have. A new one is drawn for each batch and view.
    mean, deviation
        Of each gene in what the network takes, shape (genes,): 0 and 1 where it is standardized.
    """

    gene_dropout: float
    gene_shift: float
    mean: torch.Tensor
    deviation: torch.Tensor

    @property
    def changes_nothing(self) -> bool:
        """Whether :meth:`apply` returns its input."""
        return self.gene_dropout == 0 and self.gene_shift == 0

    def apply(self, genes: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return a disturbed copy of ``genes``, shape (samples, genes)."""
        disturbed = genes
        if self.gene_shift:
            shift = torch.randn(genes.shape[1], generator=generator, device=genes.device)
            disturbed = disturbed + self.gene_shift * self.deviation * shift
        if self.gene_dropout:
            dropped = torch.rand(genes.shape, generator=generator, device=genes.device) < self.gene_dropout
            disturbed = torch.where(dropped, self.mean, disturbed)
        return disturbed
