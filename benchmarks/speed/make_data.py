"""Write simulated studies of any size, a block at a time.

usage: python benchmarks/speed/make_data.py FOLDER SAMPLES GENES [text]

A small simulation of four studies and ten tissues is measured again and again, each time with new donors and new noise.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import DONOR, SCALE
from clrna.io.hdf5.chunked_h5ad import write_blocks
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


def write_text(folder: Path, small: AnnData, rest: AnnData) -> None:
    """Write values and metadata as tab separated text."""
    rest.obs.drop(columns=SCALE).to_csv(folder / "samples.obs.tsv", sep="\t", index_label="sample")
    names = rest.obs_names
    with (folder / "samples.tsv").open("w", encoding="utf-8") as text:
        for number, block in enumerate(blocks(small, len(names), np.random.default_rng(0))):
            own = names[number * small.n_obs :][: len(block["X"])]
            frame = pd.DataFrame(block["X"], index=own, columns=small.var_names)
            frame.to_csv(text, sep="\t", header=number == 0, index_label="sample", float_format="%.4g")


def main() -> int:
    """Write the files into the folder that the command line names: all samples, with ``text`` as text too, and one."""
    folder, n_samples, n_genes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    small = simulate(n_tissues=10, n_studies=4, n_genes=n_genes, samples_per=5)
    rest = AnnData(obs=samples(small, n_samples), var=small.var, uns=small.uns)
    made = blocks(small, n_samples, np.random.default_rng(0))
    write_blocks(folder / "samples.h5ad", made, n_genes, lambda: rest)
    one = AnnData(next(blocks(small, 1, np.random.default_rng(0)))["X"], obs=rest.obs[:1], var=small.var)
    one.write_h5ad(folder / "one.h5ad")
    if "text" in sys.argv[4:]:
        write_text(folder, small, rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
