"""Run clrna-normalize as its users do, and small studies to run it on."""

from collections.abc import Callable, Sequence
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.cli.normalize import main
from clrna.simulate import simulate
from clrna.simulate_files import RawFile, write_metadata, write_raw_study


class Outcome:
    """Exit status, stderr and the file that was written."""

    def __init__(self, status: int, log: str, path: Path) -> None:
        self.status, self.log, self.path = status, log, path

    @property
    def adata(self) -> AnnData:
        assert self.status == 0, self.log
        return anndata.read_h5ad(self.path)

    @property
    def error(self) -> str:
        """The one line on stderr that says what was wrong."""
        lines = [line for line in self.log.splitlines() if ": error: " in line]
        assert len(lines) == 1 and self.log.splitlines()[-1] == lines[0], self.log
        assert not self.path.exists(), "an output was left behind"
        return lines[0]


@pytest.fixture
def normalize(tmp_path, capsys) -> Callable[..., Outcome]:
    """Return a function that runs clrna-normalize on files and options."""

    def run(*words: object, output: str = "merged.h5ad") -> Outcome:
        path = tmp_path / output
        capsys.readouterr()
        try:
            status = main([*map(str, words), "-o", str(path)])
        except SystemExit as stop:  # what argparse does
            status = int(stop.code or 0)
        return Outcome(status, capsys.readouterr().err, path)

    return run


GENES = tuple(
    "TP53 EGFR MYC BRCA1 KRAS PTEN RB1 GAPDH ACTB CDK4 CDK6 MDM2 NRAS HRAS BRAF ALK ROS1 MET ERBB2 ERBB3 "
    "FGFR1 FGFR2 FGFR3 PDGFRA KIT FLT3 JAK2 STAT3 AKT1 PIK3CA MTOR TSC1 TSC2 VHL APC "
    "CTNNB1 SMAD4 NOTCH1 EZH2 IDH1".split()
)


def counts_of(samples: Sequence[str], seed: int = 0, genes: Sequence[str] = GENES) -> pd.DataFrame:
    """Return counts of genes x samples whose profiles no two seeds share."""
    values = np.random.default_rng(seed).negative_binomial(2, 0.002, size=(len(genes), len(samples)))
    return pd.DataFrame(values, index=pd.Index(genes, name="gene"), columns=list(samples))


@pytest.fixture
def write_counts(tmp_path) -> Callable[..., Path]:
    """Return a function that writes such counts as a tab separated file and returns its path."""

    def write(name: str, samples: Sequence[str], seed: int = 0) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        counts_of(samples, seed).to_csv(path, sep="\t")
        return path

    return write


@pytest.fixture(scope="session")
def simulated() -> AnnData:
    """Three studies of three tissues, a quarter of the donors in all of them."""
    return simulate(n_tissues=3, n_studies=3, n_genes=200, samples_per=12, seed=5)


@pytest.fixture
def raw_files(tmp_path, simulated) -> Callable[..., list[Path]]:
    """Return a function that writes the first studies as raw files, and their metadata as the last one."""

    def write(*raws: RawFile) -> list[Path]:
        folder = tmp_path / "raw"
        folder.mkdir(exist_ok=True)
        studies = [f"SIM{number + 1}" for number in range(len(raws))]
        files = [
            write_raw_study(simulated, study, folder, raw, seed=number)
            for number, (study, raw) in enumerate(zip(studies, raws, strict=True))
        ]
        return [*files, write_metadata(simulated, folder / "metadata.txt", tuple(studies))]

    return write
