"""Write simulated studies of any size, a block at a time.

usage: python benchmarks/speed/make_data.py FILE.h5ad SAMPLES GENES

A small simulation of four studies and ten tissues is measured again and again, each time with new donors and new noise.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import DONOR
from clrna.io.chunked_h5ad import write_blocks
from clrna.simulate import simulate

_NOISE = 0.4


def blocks(small: AnnData, n_samples: int, rng: np.random.Generator) -> Iterator[dict[str, np.ndarray]]:
    """Yield the samples, as many at a time as the small simulation has."""
    for start in range(0, n_samples, small.n_obs):
        values = small.X[: n_samples - start]
        noise = rng.standard_normal(values.shape, dtype=np.float32) * np.float32(_NOISE)
        yield {"X": np.maximum(values + noise, 0)}


def samples(small: AnnData, n_samples: int) -> pd.DataFrame:
    """Return the samples' metadata: those of the small simulation with a number behind names and donors."""
    turns = -(-n_samples // small.n_obs)
    parts = []
    for turn in range(turns):
        part = small.obs.astype(str)
        part.index = [f"{name}.{turn}" for name in part.index]
        part[DONOR] = [f"{donor}.{turn}" for donor in part[DONOR]]
        parts.append(part)
    return pd.concat(parts).iloc[:n_samples]


def main() -> int:
    """Write the file that the command line names."""
    path, n_samples, n_genes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    small = simulate(n_tissues=10, n_studies=4, n_genes=n_genes, samples_per=5)
    rest = AnnData(obs=samples(small, n_samples), var=small.var, uns=small.uns)
    write_blocks(path, blocks(small, n_samples, np.random.default_rng(0)), n_genes, lambda: rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
