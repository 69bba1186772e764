"""The terms of the cost. Tests hold each, and its gradient, against float64 numpy written from the formulas."""

import torch
from torch.nn import functional

# Added nowhere: squared norms below this are taken as this, so that a dead feature gives 0 and not NaN.
_TINY = 1e-12


def rmse(rebuilt: torch.Tensor, genes: torch.Tensor) -> torch.Tensor:
    """Return the root of the mean squared difference over all samples and genes, a scalar."""
    return torch.sqrt(torch.mean((rebuilt - genes) ** 2).clamp_min(_TINY))


def cross_entropy(
    logits: torch.Tensor, labels: torch.Tensor, class_weights: torch.Tensor | None = None
) -> torch.Tensor:
    """Return the softmax cross entropy, the mean over the labelled samples weighted by their class.

    Parameters
    ----------
    logits
        Shape (samples, classes).
    labels
        Shape (samples,), class from 0, -1 where there is none. Without any label the cost is 0.
    class_weights
        Shape (classes,); None weighs all the same.
    """
    if not bool((labels >= 0).any()):
        return logits.new_zeros(())
    return functional.cross_entropy(logits, labels, weight=class_weights, ignore_index=-1)


class CenterLoss:
    """Squared distance of each labelled sample's features to its class's center.

    The features are the codes, each divided by its L2 norm over the batch, which keeps the network
    from shrinking its codes to lower the cost. Centers are moved by a rule of their own and not by
    the optimiser.

    Parameters
    ----------
    n_classes, latent_dim
        Shape of the centers, which start at 0.
    rate
        Alpha, the step size of the centers.
    device
        Where the centers lie.

    References
    ----------
    Wen et al., A discriminative feature learning approach for deep face recognition, ECCV 2016,
    doi:10.1007/978-3-319-46478-7_31. There the cost is half a sum over the batch; here, as in the
    published CLRNA, it is the mean over the batch without the half.
    """

    def __init__(self, n_classes: int, latent_dim: int, rate: float, device: torch.device) -> None:
        self.centers = torch.zeros(n_classes, latent_dim, device=device)
        self.rate = rate

    def features(self, codes: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the normalised features and the classes of the labelled samples."""
        known = labels >= 0
        chosen = codes[known]
        norms = torch.sqrt((chosen**2).sum(dim=0).clamp_min(_TINY))
        return chosen / norms, labels[known]

    def cost(self, features: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """Return the mean over the samples of the squared distance, summed over the features; 0 without samples.

        Parameters
        ----------
        features, classes
            From :meth:`features`.
        """
        if len(features) == 0:
            return features.sum()
        return ((features - self.centers[classes]) ** 2).sum(dim=1).mean()

    @torch.no_grad()
    def update(self, features: torch.Tensor, classes: torch.Tensor) -> None:
        """Move each center c by ``rate * sum_i(f_i - center_c) / (1 + n_c)`` over the samples of its class.

        The sums are products with the membership matrix: unlike scattered additions they come out
        the same on every run on a GPU too.
        """
        members = functional.one_hot(classes, len(self.centers)).to(features.dtype)
        counts = members.sum(dim=0)[:, None]
        sums = members.T @ features.detach()
        self.centers -= self.rate * (counts * self.centers - sums) / (1 + counts)


def contrast(first: torch.Tensor, second: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the contrast between two augmented views of the same samples (NT-Xent), a scalar.

    Each view of a sample has to be more like the other view of it than like any view of any other
    sample: cross entropy of cosine similarities, mean over the 2 n views.

    Parameters
    ----------
    first, second
        Codes of the two views, shape (samples, latent).
    temperature
        Divisor of the similarities.

    References
    ----------
    Chen et al., A simple framework for contrastive learning of visual representations, ICML 2020,
    arXiv:2002.05709, equation 1.
    """
    n_samples = len(first)
    views = functional.normalize(torch.cat([first, second]), dim=1)
    similarity = views @ views.T / temperature
    itself = torch.eye(2 * n_samples, dtype=torch.bool, device=views.device)
    partner = torch.arange(2 * n_samples, device=views.device).roll(n_samples)
    return functional.cross_entropy(similarity.masked_fill(itself, float("-inf")), partner)
