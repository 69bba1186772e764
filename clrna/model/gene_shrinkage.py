"""What few samples say of each gene's location and scale, drawn towards what all genes say.

One sample says nothing of either, and many are believed.
"""

import numpy as np
from numpy.typing import NDArray

# Samples that the evidence for another scale is weighed against: replicates of one line hardly vary, whatever the
# laboratory.
_PRIOR_SAMPLES = 10.0
# Deviations may differ by this factor at most.
_MOST = 2.0


def shrunken_means(means: NDArray[np.float64], variances: NDArray[np.float64], n_samples: int) -> NDArray[np.float64]:
    """Return the expected offset of each gene, given the mean of its samples.

    Parameters
    ----------
    means, variances
        Of each gene over the samples, shape (genes,).
    n_samples
        How many those are; for one the offsets are 0.

    References
    ----------
    Johnson, Li & Rabinovic 2007, doi:10.1093/biostatistics/kxj037: offsets of all genes are thought to be drawn from
    one normal distribution, here with the mean 0. Its variance is that of the means, less what samples that have no
    offset would show. One sample less counts, since the variance has to be learned as well.
    """
    if n_samples < 2 or not variances.any():
        return np.zeros_like(means)
    between = max(float((means**2).mean() - variances.mean() / (n_samples - 1)), 0.0)
    doubt = variances + variances.mean()  # half its own, half that of all: a few samples tell little of a variance
    return means * between / (between + doubt / 2 / (n_samples - 1))


def shrunken_deviations(
    variances: NDArray[np.float64], typical: NDArray[np.float64], n_samples: int
) -> NDArray[np.float64]:
    """Return the expected deviation of each gene, in typical ones, given the variance of its samples.

    Parameters
    ----------
    variances
        Of each gene over the samples, divided by one less than the samples, shape (genes,).
    typical
        What they are in the training, shape (genes,).
    n_samples
        How many samples there are; for one all deviations are 1.

    Returns
    -------
    Shape (genes,), from one half to 2; 1 where a gene does not vary.

    References
    ----------
    Smyth 2004, doi:10.2202/1544-6115.1027: logarithms of the variances are drawn towards their mean over genes, by
    what of their scatter is chance.
    """
    from scipy.special import digamma, polygamma  # takes longer to load than a sample to encode

    ratios = np.ones_like(typical)
    usable = (variances > 0) & (typical > 0)
    if n_samples < 2 or not usable.any():
        return ratios
    half = (n_samples - 1) / 2
    chance = float(polygamma(1, half))
    logs = np.log(variances[usable] / typical[usable]) - (digamma(half) - np.log(half))
    middle = logs.mean()
    between = max(float(logs.var()) - chance, 0.0)
    expected = middle + between / (between + chance) * (logs - middle)
    expected *= (n_samples - 1) / (n_samples - 1 + _PRIOR_SAMPLES)
    ratios[usable] = np.clip(np.exp(expected / 2), 1 / _MOST, _MOST)
    return ratios
