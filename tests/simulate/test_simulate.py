"""The simulator: contract, seeds, effects, raw files."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clrna.genes import map_genes
from clrna.io import contract
from clrna.labels import harmonize
from clrna.normalize.pipeline import OWNED_OBS
from clrna.simulate import TUMOR_TYPES, Effects, simulate
from clrna.simulate_files import FORMATS, IDENTIFIERS, UNITS, RawFile, identifiers, write_raw_study


def test_it_obeys_the_contract():
    adata = simulate(unlabelled=0.1)
    contract.check(adata, Path("simulated"), columns=OWNED_OBS[:7], values=adata.X, scale=True)
    assert adata.X.dtype == np.float32 and adata.shape == (144, 300)
    assert 5 <= adata.obs["tissue"].isna().sum() <= 30
    assert adata.obs.groupby("donor", observed=True)["split"].nunique().max() == 1


def test_seeds_repeat_and_differ():
    assert np.array_equal(simulate(seed=3).X, simulate(seed=3).X)
    one, other = simulate(seed=3), simulate(seed=4)
    assert not np.array_equal(one.X, other.X) and one.var_names.tolist() != other.var_names.tolist()


def test_genes_are_real_and_labels_harmonised():
    adata = simulate(n_genes=500)
    assert (map_genes(adata.var_names.tolist()).symbol == adata.var_names.to_numpy()).all()
    pairs = [(tissue, kind) for tissue, kinds in TUMOR_TYPES.items() for kind in kinds]
    found = harmonize([tissue for tissue, _ in pairs], [kind for _, kind in pairs])
    assert list(zip(found.tissue, found.tumor_type, strict=True)) == pairs


def test_shared_donors_stand_in_every_study():
    obs = simulate(n_studies=3, n_tissues=2, samples_per=10, shared_donors=0.3).obs
    studies = obs.groupby("donor", observed=True)["study"].nunique()
    assert (studies == 3).sum() == 2 * 3 and set(studies) == {1, 3}


def between(values: np.ndarray, groups: np.ndarray) -> float:
    """Share of the variance that lies between groups, mean over genes."""
    total = values.var(axis=0).mean()
    means = np.stack([values[groups == group].mean(axis=0) for group in np.unique(groups)])
    return float(means.var(axis=0).mean() / total)


def test_the_batch_effect_grows_with_its_deviation():
    none = simulate(effects=Effects(study_shift=0.0, study_scale=0.0, category=0.0))
    strong = simulate(effects=Effects(study_shift=2.0))
    assert between(none.X, none.obs["study"].to_numpy()) < 0.03
    assert between(strong.X, strong.obs["study"].to_numpy()) > 0.4
    assert between(none.X, none.obs["tissue"].to_numpy()) > 0.2


def test_donors_are_nearer_to_themselves_than_to_others():
    adata = simulate(effects=Effects(study_shift=0.0, study_scale=0.0, category=0.0), n_studies=2)
    r = np.corrcoef(adata.X)
    donors = adata.obs["donor"].to_numpy()
    tissues = adata.obs["tissue"].to_numpy()
    other = ~np.eye(len(r), dtype=bool)
    same = (donors[:, None] == donors) & other
    neighbours = (tissues[:, None] == tissues) & (donors[:, None] != donors)
    assert r[same].min() > np.median(r[neighbours])


@pytest.mark.parametrize("scale", ["log2_expression", "log2_intensity", "log2_ratio", "zscore"])
def test_scales(scale):
    adata = simulate(scales=("log2_tpm1", scale))
    here = (adata.obs["study"] == "SIM2").to_numpy()
    assert set(adata.obs["scale"][here]) == {scale}
    if scale in ("log2_ratio", "zscore"):
        assert np.abs(adata.X[here].mean(axis=0)).max() < 1e-4


@pytest.mark.parametrize(
    "arguments",
    [{"n_tissues": 0}, {"n_tissues": 99}, {"scales": ("rma",)}, {"categories": ("cells",)}, {"n_genes": 10**6}],
)
def test_arguments_that_make_no_sense(arguments):
    with pytest.raises(ValueError, match=r"."):
        simulate(**arguments)


@pytest.mark.parametrize("kind", IDENTIFIERS)
def test_identifiers_map_back(kind):
    symbols = simulate(n_genes=300).var_names
    ids = identifiers(symbols, kind)
    assert (map_genes(ids).symbol == symbols.to_numpy()).all()
    if kind != "symbol":
        assert sum(one != other for one, other in zip(ids, symbols, strict=True)) > 50


@pytest.mark.parametrize("file_format", FORMATS)
def test_files_are_written_and_repeat(tmp_path, file_format):
    adata = simulate(n_studies=1, n_tissues=2, samples_per=3, n_genes=30)
    raw = RawFile("counts", "entrez", file_format, missing_genes=0.1, missing_values=2)
    path = write_raw_study(adata, "SIM1", tmp_path, raw, seed=1)
    first = path.read_bytes()
    assert write_raw_study(adata, "SIM1", tmp_path, raw, seed=1).read_bytes() == first
    assert path.name == f"SIM1.{file_format}"


def test_every_unit_is_written(tmp_path):
    adata = simulate(n_studies=1, n_tissues=2, samples_per=3, n_genes=30)
    assert len({write_raw_study(adata, "SIM1", tmp_path, RawFile(unit)).read_bytes() for unit in UNITS}) == len(UNITS)
    with pytest.raises(ValueError, match="none of"):
        write_raw_study(adata, "SIM1", tmp_path, RawFile("furlongs"))


def test_the_carried_files_are_what_the_script_writes(tmp_path, test_data):
    """Compared by content: other versions of anndata and h5py write other bytes."""
    import anndata

    subprocess.run([sys.executable, test_data / "make_simulated.py", tmp_path], check=True)
    carried = sorted(path.name for path in (test_data / "simulated").iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == carried
    for name in carried:
        here, there = tmp_path / name, test_data / "simulated" / name
        if name.endswith(".h5ad"):
            one, other = anndata.read_h5ad(here), anndata.read_h5ad(there)
            assert one.obs.equals(other.obs) and one.var.equals(other.var) and abs(one.X - other.X).max() == 0
        else:
            assert here.read_bytes() == there.read_bytes(), name
