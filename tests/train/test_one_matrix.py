"""Training holds one matrix of the size of the data, in memory or in a temporary file, and that to the same result."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from anndata import AnnData
from scipy import sparse

from clrna.constants import DONOR, SPLIT, STUDY, TISSUE
from clrna.model import latent_space, neighbor_votes, principal_components
from clrna.model.row_view import RowView
from clrna.model.settings import ModelSettings
from clrna.simulate import simulate
from clrna.train import left_out_studies
from clrna.train import stored as stored_module
from clrna.train.fit import Fit, fit_model
from clrna.train.stored import ChosenSamples, StoredMatrix
from clrna.train.training_file import TrainingFile, read_training_file

N_STUDIES, N_TISSUES = 3, 4
COLUMNS = {"study": STUDY, "donor": DONOR, "split": SPLIT}


def written(tmp_path, adata: AnnData):
    tmp_path.mkdir(exist_ok=True)
    path = tmp_path / "data.h5ad"
    adata.write_h5ad(path, compression="gzip")
    return path


def small(lacking: bool = False) -> AnnData:
    """Three studies of four tissues; one of them lacks genes where ``lacking``."""
    adata = simulate(n_tissues=N_TISSUES, n_studies=N_STUDIES, n_genes=90, samples_per=8, seed=2)
    if lacking:
        adata.X[(adata.obs[STUDY] == "SIM2").to_numpy(), :30] = 1.5
    return adata


def read(path) -> TrainingFile:
    return read_training_file(path, label_columns=[TISSUE], layer=None, **COLUMNS)


def fit_of(given: TrainingFile, *, again: bool, **options: Any) -> Fit:
    """Train on a file, whose values may be overwritten where they are read ``again``."""
    settings = ModelSettings.preset("default").override(latent_dim=12, **options.pop("settings", {}))
    stored = given.stored if again else None
    return fit_model(given.values, given.genes, given.samples, settings, stored=stored, **options)


def arrays_of(fit: Fit) -> dict[str, np.ndarray]:
    model = fit.model
    reference = {"centers": model.reference.centers, "deviation": model.reference.deviation}
    return {**model.transfer.to_arrays(), **model.network.to_arrays(), **reference, "mean": model.mean, "sd": model.sd}


def assert_same(one: Fit, other: Fit) -> None:
    for name, array in arrays_of(one).items():
        np.testing.assert_array_equal(array, arrays_of(other)[name], err_msg=name)
    assert one.model.metrics == other.model.metrics
    assert one.model.distance_threshold == other.model.distance_threshold


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"exclude_studies": ["SIM1"]},
        {"reserve_test": True},
        {"settings": {"epochs": 1, "hidden": [16], "batch_size": 16}},
        {"settings": {"standardize": "genes", "epochs": 1, "hidden": [16], "batch_size": 16}},
    ],
    ids=["default", "a study excluded", "test reserved", "with layers", "not placed"],
)
@pytest.mark.parametrize("lacking", [False, True], ids=["all genes", "genes lacking"])
def test_values_that_are_read_again_give_the_same_model(tmp_path, options, lacking):
    path = written(tmp_path, small(lacking))
    fits = [fit_of(read(path), again=again, **{**options}) for again in (False, True)]
    if options.get("settings", {}).get("standardize"):
        np.testing.assert_array_equal(fits[0].model.mean, fits[1].model.mean)
        assert fits[0].model.metrics == fits[1].model.metrics
    else:
        assert_same(*fits)


def test_values_of_others_are_not_written_to(tmp_path):
    given = read(written(tmp_path, small(lacking=True)))
    before = given.values.copy()
    fit_of(given, again=False)
    np.testing.assert_array_equal(given.values, before)


@pytest.mark.parametrize("kind", ["csr", "csc", "float64", "layer"])
def test_however_the_values_are_stored_they_are_read_and_read_again(tmp_path, kind):
    adata = small()
    plain = read(written(tmp_path, adata)).values
    if kind in ("csr", "csc"):
        adata.X = sparse.csr_matrix(adata.X) if kind == "csr" else sparse.csc_matrix(adata.X)
    elif kind == "float64":
        adata.X = adata.X.astype(np.float64)
    else:
        adata.layers["own"], adata.X = adata.X, np.zeros_like(adata.X)
    path = written(tmp_path, adata)
    layer = "own" if kind == "layer" else None
    given = read_training_file(path, label_columns=[TISSUE], layer=layer, **COLUMNS)
    np.testing.assert_array_equal(given.values, plain)
    np.testing.assert_array_equal(given.stored.rows(3, 9), plain[3:9])


def test_a_matrix_larger_than_memory_lies_in_a_file_and_the_model_is_the_same(tmp_path, monkeypatch):
    path = written(tmp_path, small(lacking=True))
    in_memory = read(path)
    monkeypatch.setattr(stored_module, "available_memory", lambda: 0)
    on_disk = read(path)
    assert isinstance(on_disk.values, np.memmap) and not isinstance(in_memory.values, np.memmap)
    assert_same(fit_of(in_memory, again=True), fit_of(on_disk, again=True))


def test_chosen_samples_are_read_in_slices(tmp_path, monkeypatch):
    monkeypatch.setattr(stored_module, "_ROWS", 5)
    path = written(tmp_path, small())
    matrix = StoredMatrix(path, None)
    rows = np.array([0, 1, 2, 9, 40, 41, 42, 43, 44, 45, 46, 90])
    chosen, held = ChosenSamples(matrix, rows), RowView(matrix.read(), rows)
    assert chosen.shape == held.shape == (12, 90) and len(chosen) == len(held) == 12
    for part in (slice(0, 12), slice(2, 7), slice(11, 30), slice(12, 12)):
        np.testing.assert_array_equal(chosen[part], matrix.read()[rows[part]])
        np.testing.assert_array_equal(held[part], chosen[part])


def peak_of(function: Callable[[Any], Any], of: Any) -> int:
    tracemalloc.start()
    try:
        function(of)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("lacking", [False, True], ids=["all genes", "genes lacking"])
def test_memory_grows_by_one_copy_of_the_data(tmp_path, monkeypatch, lacking):
    # Coordinates on 300 axes would be as much as all genes here; with 20,000 genes they are a thirtieth. The same holds
    # of what a block of samples is from all reference samples.
    monkeypatch.setattr(latent_space, "N_AXES", 10)
    monkeypatch.setattr(neighbor_votes, "_ROWS", 8)
    monkeypatch.setattr(principal_components, "_EXACT", 100)  # as beyond 2,000 samples and genes
    monkeypatch.setattr(principal_components, "_PAIRS", 1000)
    monkeypatch.setattr(left_out_studies, "_MOST_TRAINED", 200)
    _fit_file(written(tmp_path, small()))  # loads what counts as memory too
    peaks, sizes = [], []
    for turns in (6, 12):
        adata = simulate(n_tissues=N_TISSUES, n_studies=N_STUDIES, n_genes=1500, samples_per=20, seed=2)
        adata = adata[np.tile(np.arange(adata.n_obs), turns)].copy()
        adata.obs_names = [f"S{number}" for number in range(adata.n_obs)]
        adata.obs[DONOR] = adata.obs_names
        adata.X += np.random.default_rng(0).normal(0, 0.3, adata.shape).astype(np.float32)
        if lacking:
            adata.X[(adata.obs[STUDY] == "SIM2").to_numpy(), :30] = 1.5
        assert adata.n_obs > 1000  # from where on axes are looked for in blocks
        path = written(tmp_path / str(turns), adata)
        sizes.append(adata.X.nbytes)
        del adata
        given = read(path)
        peaks.append([peak_of(_fit_file, path), peak_of(_fit_memory, given)])
    copies = np.diff(peaks, axis=0)[0] / (sizes[1] - sizes[0])
    assert (copies < 1.3).all(), copies


def _fit_file(path) -> None:
    fit_of(read(path), again=True)


def _fit_memory(given: TrainingFile) -> None:
    fit_of(given, again=False)
