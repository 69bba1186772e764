"""The closed form by PyTorch says the same as by numpy, within the tolerance of codes; seen without a GPU."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from clrna.encode.arrays import encode_array
from clrna.model import latent_space, linear_path, principal_components
from clrna.model.latent_space import fit_latent_space
from clrna.model.principal_components import ScaledRows, principal_axes
from clrna.model.products import BY_NUMPY, TorchProducts, products_on
from clrna.model.standardize import standardize_samples
from clrna.simulate import simulate
from clrna.train import fit as fit_module
from clrna.train.linear_decoder import fit_linear_decoder
from tests.encode.placed_models import fit_default

CPU = torch.device("cpu")


class Counted(TorchProducts):
    """Counts how often, and how much, is put on the device."""

    def __init__(self, device: torch.device, *, keeps: bool) -> None:
        super().__init__(device)
        self.put_there: list[tuple[int, ...]] = []
        self._keeps = keeps

    def put(self, array: np.ndarray) -> torch.Tensor:
        self.put_there.append(array.shape)
        return super().put(array)

    def keeps(self, n_bytes: int) -> bool:
        return self._keeps


class InDouble(ScaledRows):
    """Multiplies in float64, whatever is asked for."""

    def __init__(self, *args: object, single: bool = False, **options: object) -> None:
        super().__init__(*args, single=False, **options)


@pytest.fixture(scope="module")
def adata():
    return simulate(n_tissues=4, n_studies=3, n_genes=400, samples_per=20)


@pytest.fixture
def iterated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Axes are looked for as beyond 2,500 samples."""
    monkeypatch.setattr(principal_components, "_EXACT", 10)
    monkeypatch.setattr(principal_components, "_PAIRS", 10)
    monkeypatch.setattr(latent_space, "N_AXES", 20)


def angle_between(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Largest angle, in radians, between the spaces of two sets of orthonormal columns."""
    return float(np.arccos(np.linalg.svd(ours.T @ theirs, compute_uv=False).min().clip(-1, 1)))


@pytest.mark.parametrize("keeps", [False, True])
def test_axes_are_those_of_numpy(adata, iterated: None, keeps: bool) -> None:
    values, weights = np.asarray(adata.X), np.random.default_rng(0).uniform(0.5, 2, adata.n_vars)
    there = Counted(CPU, keeps=keeps)
    ours = ScaledRows(values, weights, 64, products=there)
    theirs = ScaledRows(values, weights, 64)
    axes = [principal_axes(matrix, 10, seed=0) for matrix in (ours, theirs)]
    assert angle_between(*axes) < 1e-3
    np.testing.assert_allclose(axes[0], axes[1], atol=1e-4)
    scores = [matrix.times(axes[1]) for matrix in (ours, theirs)]
    np.testing.assert_allclose(*scores, atol=1e-4 * scores[1].std())
    n_blocks = -(-len(values) // 64)
    blocks = [shape for shape in there.put_there if shape[1] == values.shape[1]]
    passes = 1 if keeps else 1 + 2 * principal_components._ITERATIONS + 1 + 1
    assert len(blocks) == n_blocks * passes


def test_blocks_that_stay_there_are_not_written_over(adata) -> None:
    """The room that blocks are made in is filled again and again."""
    values = np.asarray(adata.X)
    matrix = ScaledRows(values, np.ones(adata.n_vars), 64, products=Counted(CPU, keeps=True))
    right = np.eye(adata.n_vars)[:, :7]
    first, second = matrix.times(right), matrix.times(right)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, (values - values.mean(axis=0))[:, :7], atol=1e-4)


def test_the_space_of_pairs_of_samples_is_that_of_numpy(adata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latent_space, "N_AXES", 20)
    scores = standardize_samples(np.asarray(adata.X))
    cells = np.unique(adata.obs[["study", "tissue"]].astype(str).agg("/".join, axis=1), return_inverse=True)[1]
    found = [fit_latent_space(scores, cells, products=products) for products in (TorchProducts(CPU), BY_NUMPY)]
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-4 * found[1][1].std())


def test_the_decoder_is_that_of_numpy(adata) -> None:
    values = np.asarray(adata.X)
    codes = np.random.default_rng(0).standard_normal((len(values), 9)).astype(np.float32)
    ours, theirs = fit_linear_decoder(codes, values, TorchProducts(CPU)), fit_linear_decoder(codes, values)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_products_of_blocks_are_those_of_the_whole(adata) -> None:
    values, right = np.asarray(adata.X), np.random.default_rng(0).standard_normal((400, 5)).astype(np.float32)
    many = np.tile(values, (6, 1))  # more than one block
    assert len(many) > 1024
    np.testing.assert_allclose(TorchProducts(CPU).times(many, right), many @ right, rtol=1e-4, atol=1e-3)
    assert TorchProducts(CPU).times(many[:0], right).shape == (0, 5)


@pytest.fixture(params=["pairs", "iterated"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the axes come from the products of pairs of samples, and then as those of more samples do."""
    if request.param == "iterated":
        request.getfixturevalue("iterated")
        monkeypatch.setattr(linear_path, "_MAX_AXES", 20)


def codes_of(adata, **settings: object) -> np.ndarray:
    model = fit_default(adata, **settings).model
    return encode_array(model, np.asarray(adata.X), adata.obs["study"].to_numpy(dtype=object)).codes


@pytest.mark.parametrize(
    "settings",
    [{}, {"epochs": 1, "hidden": [8], "batch_size": 32}, {"standardize": "genes", "epochs": 0}],
    ids=["default", "with layers", "another linear path"],
)
@pytest.mark.usefixtures("either_way")
def test_a_model_by_pytorch_has_the_codes_of_one_by_numpy(
    adata, monkeypatch: pytest.MonkeyPatch, settings: dict
) -> None:
    theirs = codes_of(adata, **settings)
    there = Counted(CPU, keeps=False)
    monkeypatch.setattr(fit_module, "products_on", lambda _device: there)
    ours = codes_of(adata, **settings)
    assert there.put_there, "nothing was multiplied there"
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize(
    "settings", [{}, {"standardize": "genes", "epochs": 0}], ids=["default", "another linear path"]
)
@pytest.mark.usefixtures("either_way")
def test_a_model_by_float32_has_the_codes_of_one_by_float64(
    adata, monkeypatch: pytest.MonkeyPatch, settings: dict
) -> None:
    ours = codes_of(adata, **settings)
    monkeypatch.setattr(latent_space, "nearly_principal_axes", principal_axes)
    for module in (latent_space, linear_path):
        monkeypatch.setattr(module, "ScaledRows", InDouble)
    theirs = codes_of(adata, **settings)
    assert (ours != theirs).any(), "float64 was not computed in"
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_missing_genes_are_estimated_alike(adata, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.asarray(adata.X).copy()
    values[(adata.obs["study"] == "SIM2").to_numpy(), :60] = 1.5
    theirs = fit_default(adata, values=values).model
    monkeypatch.setattr(fit_module, "products_on", lambda _device: TorchProducts(CPU))
    ours = fit_default(adata, values=values).model
    np.testing.assert_allclose(ours.mean, theirs.mean, atol=1e-6)
    np.testing.assert_allclose(ours.transfer.space.scale, theirs.transfer.space.scale, rtol=1e-4)


@pytest.mark.parametrize(("name", "there"), [("cpu", False), ("mps", False), ("cuda:1", True)])
def test_only_a_device_that_adds_in_float64_is_multiplied_on(name: str, there: bool) -> None:
    assert isinstance(products_on(torch.device(name)), TorchProducts) == there


def test_numpy_needs_no_pytorch() -> None:
    code = "import sys, clrna.model.latent_space, clrna.train.linear_decoder; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
