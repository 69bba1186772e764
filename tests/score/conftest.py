"""A file of three studies with shared tissues and donors, a model's codes and a baseline's."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

TISSUES = ("lung", "skin", "brain")


def studies_and_donors(n_per_study: int = 30) -> pd.DataFrame:
    """Every tissue in every study; the first ten donors of A are measured again in B, none in C."""
    rows = []
    for study in "ABC":
        for i in range(n_per_study):
            donor = f"shared{i}" if study in "AB" and i < 10 else f"{study}{i}"
            rows.append({"study": study, "tissue": TISSUES[i % 3], "donor": donor})
    frame = pd.DataFrame(rows, index=[f"{row['study']}.{i}" for i, row in enumerate(rows)])
    frame["split"] = np.resize(["train"] * 8 + ["valid", "test"], len(frame))
    return frame


def codes(obs: pd.DataFrame, shift: float, seed: int = 0, n: int = 6) -> np.ndarray:
    """Tissue, donor and, by ``shift``, study in one embedding."""
    rng = np.random.default_rng(seed)
    parts = []
    for column, size in (("tissue", 3.0), ("study", shift), ("donor", 1.0)):
        names, positions = np.unique(obs[column].to_numpy().astype(str), return_inverse=True)
        parts.append(size * rng.normal(size=(len(names), n))[positions])
    return (sum(parts) + 0.3 * rng.normal(size=(len(obs), n))).astype(np.float32)


def make(n_per_study: int = 30, training_studies: tuple[str, ...] = ("A",)) -> AnnData:
    obs = studies_and_donors(n_per_study)
    rng = np.random.default_rng(9)
    values = np.hstack([codes(obs, 4.0, seed=1, n=12), rng.normal(size=(len(obs), 8))])
    adata = AnnData(values.astype(np.float32), obs=obs)
    adata.obsm["X_clrna"] = codes(obs, 0.5, seed=2)
    adata.obsm["X_pca"] = codes(obs, 4.0, seed=3)
    seen = np.where(obs["study"].isin(training_studies), "study", "unseen")
    trained = set(obs["donor"][obs["study"].isin(training_studies)])
    adata.obs["clrna_seen"] = np.where((seen == "unseen") & obs["donor"].isin(trained), "donor", seen)
    adata.obs["mine"] = 1
    adata.uns["clrna"] = {
        "models": {"X_clrna": {"sha256": "0" * 64, "training_studies": np.array(training_studies, dtype=object)}}
    }
    return adata


@pytest.fixture(scope="session")
def make_studies() -> Callable[..., AnnData]:
    return make


@pytest.fixture(scope="session")
def make_codes() -> Callable[..., np.ndarray]:
    return codes


@pytest.fixture
def adata() -> AnnData:
    return make()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def to_file(adata: AnnData, name: str = "in.h5ad") -> Path:
        path = tmp_path / name
        adata.copy().write_h5ad(path)
        return path

    return to_file


@pytest.fixture
def run(write, tmp_path) -> Callable[..., pd.DataFrame]:
    """Score a file, or several, and return the table; the exit status must be 0."""
    from clrna.cli.score import main

    def score(*files: AnnData, words: tuple[str, ...] = ()) -> pd.DataFrame:
        out = tmp_path / "scores.tsv"
        paths = [str(write(adata, f"in{i}.h5ad")) for i, adata in enumerate(files)]
        assert main([*paths, "-o", str(out), "--bootstrap", "10", *words]) == 0
        return pd.read_csv(out, sep="\t", keep_default_na=False)

    return score
