"""What a model tells of its reference samples, in the file and after it."""

from pathlib import Path

import numpy as np
import pytest

from clrna.errors import InputError, UsageError
from clrna.model.model_file import load_model, save_model
from clrna.model.reference_samples import ReferenceSamples
from clrna.model.tensor_file import read_tensor_file, write_tensor_file
from clrna.simulate import simulate
from clrna.train.fit import Fit
from tests.encode.placed_models import fit_default


@pytest.fixture(scope="module")
def data():
    return simulate(n_tissues=3, n_studies=2, n_genes=60, samples_per=8, unlabelled=0.1)


@pytest.fixture(scope="module")
def named(data) -> Fit:
    return fit_default(data, keep_names=True)


def test_codes_studies_and_names_are_of_the_same_samples(data, named: Fit, tmp_path: Path) -> None:
    save_model(named.model, tmp_path / "m.safetensors")
    back = load_model(tmp_path / "m.safetensors").transfer
    references = back.references
    assert references.is_named and len(references.names) == len(back.codes) == data.n_obs
    rows = data.obs.loc[references.names]
    assert references.studies.tolist() == rows["study"].astype(str).tolist()
    assert references.donors.tolist() == rows["donor"].astype(str).tolist()
    assert references.categories.tolist() == rows["sample_category"].astype(str).replace("nan", "").tolist()
    called = np.array([*named.model.classes, ""], dtype=object)[back.labels]
    assert called.tolist() == rows["tissue"].astype(object).fillna("").tolist()


def test_names_are_kept_only_where_asked_for(data, tmp_path: Path) -> None:
    save_model(fit_default(data).model, tmp_path / "m.safetensors")
    references = load_model(tmp_path / "m.safetensors").transfer.references
    assert not references.is_named and set(references.studies) == {"SIM1", "SIM2"}
    text = (tmp_path / "m.safetensors").read_bytes()
    assert not any(str(name).encode() in text for name in data.obs["donor"])


def test_a_model_of_before_has_none(named: Fit, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_model(named.model, path)
    tensors, description = read_tensor_file(path, "model", 2)
    del description["reference_samples"]
    write_tensor_file(path, "model", 2, tensors, description)
    assert load_model(path).transfer.references is None


@pytest.mark.parametrize("columns", [{}, {"study": ["A"]}, {"study": ["A", "B"], "donor": ["x"]}])
def test_columns_that_do_not_fit_make_a_damaged_model(columns: dict, named: Fit, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_model(named.model, path)
    tensors, description = read_tensor_file(path, "model", 2)
    write_tensor_file(path, "model", 2, tensors, {**description, "reference_samples": columns})
    with pytest.raises(InputError, match="is not a complete CLRNA model"):
        load_model(path)


def test_names_need_a_model_that_holds_samples(data) -> None:
    with pytest.raises(UsageError, match="--keep-names"):
        fit_default(data, keep_names=True, standardize="genes", epochs=1)


def test_half_precision_halves_the_file_and_hardly_moves_a_code(data, named: Fit, tmp_path: Path) -> None:
    whole, half = tmp_path / "whole.safetensors", tmp_path / "half.safetensors"
    save_model(named.model, whole)
    save_model(named.model, half, half_precision=True)
    assert half.stat().st_size < whole.stat().st_size
    before, after = load_model(whole), load_model(half)
    assert after.transfer.space.axes.dtype == after.network.to_arrays()["linear_weight"].dtype == np.float32
    rows = np.random.default_rng(0).normal(size=(20, named.model.n_genes)).astype(np.float32)
    np.testing.assert_allclose(after.encode(rows), before.encode(rows), atol=0.02 * np.abs(before.encode(rows)).max())


def test_columns_come_back() -> None:
    samples = ReferenceSamples(np.array(["A", "B"], dtype=object), donors=np.array(["x", ""], dtype=object))
    back = ReferenceSamples.from_columns(samples.to_columns(), 2)
    assert back.studies.tolist() == ["A", "B"] and back.donors.tolist() == ["x", ""]
    assert back.names is None and back.categories is None
