"""Which samples a step sees, and how they are disturbed."""

import dataclasses

import torch


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
