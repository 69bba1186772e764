"""The file of a model that places samples: layout 2, read whole or refused in one line."""

import numpy as np
import pytest

from clrna.encode.arrays import encode_array
from clrna.errors import InputError
from clrna.model.model_file import load_model, save_model
from clrna.model.reference_features import reference_features
from clrna.model.tensor_file import read_tensor_file, write_tensor_file
from clrna.simulate import simulate
from tests.encode.placed_models import fit_default

ARRAYS = (
    *(f"space.{name}" for name in ("mean", "variance", "scale", "axes", "noise", "measured")),
    *(f"classes.{name}" for name in ("means", "within", "offsets", "placed_means", "placed_within")),
    *(f"classes.{name}" for name in ("uncertainty", "reliability", "shares_count")),
    *("reference.codes", "reference.labels", "confidence.coefficients", "confidence.threshold"),
    *(f"levels.{name}" for name in ("studies", "sizes", "offsets", "deviations", "within", "middle", "spread")),
    *("pull.means", "pull.share"),
)

NEWER = ("space.measured",)  # models of before are read without


@pytest.fixture(scope="module")
def model():
    return fit_default(simulate(n_tissues=3, n_studies=3, n_genes=60, samples_per=8, seed=1)).model


@pytest.fixture
def path(model, tmp_path):
    save_model(model, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def change(path, name, altered):
    """Write the file again with one array altered, or left out, its checksum right."""
    tensors, description = read_tensor_file(path, "model", 2)
    given = altered(tensors.pop(f"transfer.{name}"))
    if given is not None:
        tensors[f"transfer.{name}"] = np.ascontiguousarray(given)
    write_tensor_file(path, "model", 2, tensors, description)


def refused(path):
    with pytest.raises(InputError) as caught:
        load_model(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ") and "\n" not in text
    return text


def test_it_has_these_arrays_and_all_come_back(model, path):
    tensors, _ = read_tensor_file(path, "model", 2)
    own = {name.removeprefix("transfer.") for name in tensors if name.startswith("transfer.")}
    assert own == set(ARRAYS)
    again = load_model(path).transfer.to_arrays()
    for name, array in model.transfer.to_arrays().items():
        np.testing.assert_allclose(again[name], array, rtol=1e-6)
    assert model.transfer.codes.dtype == np.float16
    assert len(model.transfer.labels) == 72
    assert set(model.transfer.labels) == {0, 1, 2}


def test_reference_labels_that_are_no_whole_numbers(path):
    change(path, "reference.labels", lambda array: array.astype(float))
    assert "its reference labels are float64, no whole numbers" in refused(path)


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_that_is_missing_empty_or_cut_is_noticed(path, name):
    whole = path.read_bytes()
    missing = [] if name in NEWER else [lambda _: None]
    for altered in (*missing, lambda array: array[:0], lambda array: array.reshape(-1)[:-1]):
        path.write_bytes(whole)
        change(path, name, altered)
        refused(path)


@pytest.mark.parametrize(
    ("name", "altered", "told"),
    [
        ("space.scale", lambda a: np.where(np.arange(len(a)) == 4, 0, a).astype(a.dtype), "divides a gene by 0"),
        ("space.axes", lambda a: a[:-1], "do not fit together"),
        ("space.mean", lambda a: np.full_like(a, np.nan), "not finite"),
        ("classes.within", lambda a: a[:-1, :-1], "class statistics within have the shape"),
        ("classes.means", lambda a: a[:-1], "class statistics"),
        ("levels.deviations", lambda a: a * 0, "levels of its studies hold values that cannot be"),
        ("levels.offsets", lambda a: a[:, :-1], "levels of its studies, offsets, have the shape"),
        ("levels.studies", lambda a: a + 1, "levels of studies that it was not trained on"),
        ("reference.labels", lambda a: a + 1, "name classes that it does not have"),
        ("reference.labels", lambda a: a - 2, "name classes that it does not have"),
        ("reference.codes", lambda a: a[:, :-1], "11 features, not its own"),
        ("confidence.coefficients", lambda a: a[:-2], "coefficients of confidence"),
        ("confidence.coefficients", lambda a: a[:-1], "are of unlike versions"),
        ("classes.uncertainty", lambda a: -a - 1, "class statistics uncertainty"),
        ("classes.reliability", lambda a: a + 1, "class statistics reliability"),
        ("pull.means", lambda a: a[:-1], "does not fit its classes and codes"),
        ("pull.share", lambda a: a + 1, "does not fit its classes and codes"),
    ],
)
def test_what_is_wrong_is_said(path, name, altered, told):
    change(path, name, altered)
    assert told in refused(path)


@pytest.mark.parametrize("oldest", [False, True])
def test_a_model_of_before_is_read_and_used(path, oldest):
    """Its confidence counts the studies that hold a label, that of the oldest not even these."""
    tensors, description = read_tensor_file(path, "model", 2)
    told = tensors.pop("transfer.classes.reliability")
    del tensors["transfer.classes.shares_count"]
    tensors["transfer.classes.studies_of_class"] = np.full_like(told, 3)
    if oldest:
        del tensors["transfer.classes.uncertainty"], tensors["transfer.classes.studies_of_class"]
        tensors["transfer.confidence.coefficients"] = tensors["transfer.confidence.coefficients"][:-1]
    write_tensor_file(path, "model", 2, tensors, description)
    old = load_model(path)
    assert (old.transfer.classes.uncertainty is None) == oldest == (not old.transfer.confidence.knows_classes)
    values = np.random.default_rng(0).normal(6, 2, (5, len(old.genes)))
    found = encode_array(old, values, np.full(5, "new", dtype=object))
    assert np.isfinite(found.codes).all() and (found.confidence > 0).all()
    save_model(old, path)
    again = encode_array(load_model(path), values, np.full(5, "new", dtype=object))
    np.testing.assert_array_equal(again.codes, found.codes)


def test_features_of_a_model_of_before_are_its_codes(path, model):
    for name in ("pull.means", "pull.share"):
        change(path, name, lambda _: None)
    values = np.asarray(simulate(n_tissues=3, n_studies=3, n_genes=60, samples_per=8, seed=1).X)[:24]
    old, new = (encode_array(one, values, np.full(24, "new", dtype=object)) for one in (load_model(path), model))
    np.testing.assert_array_equal(old.features, old.codes)
    np.testing.assert_allclose(old.codes, new.codes, atol=1e-5)
    assert np.abs(new.features - new.codes).max() > 0.1


def test_statistics_of_other_genes_are_refused(path):
    tensors, description = read_tensor_file(path, "model", 2)
    for name in ("mean", "variance", "scale", "axes", "measured"):
        tensors[f"transfer.space.{name}"] = np.ascontiguousarray(tensors[f"transfer.space.{name}"][:-1])
    for name in ("within", "offsets", "deviations"):
        tensors[f"transfer.levels.{name}"] = np.ascontiguousarray(tensors[f"transfer.levels.{name}"][..., :-1])
    write_tensor_file(path, "model", 2, tensors, description)
    assert "of 59 genes" in refused(path)


def test_a_flipped_byte_is_noticed(path):
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    path.write_bytes(data)
    assert "do not match their checksum" in refused(path)


def test_a_newer_layout_is_refused(path):
    tensors, description = read_tensor_file(path, "model", 2)
    write_tensor_file(path, "model", 3, tensors, description)
    assert "model layout 3, this CLRNA reads 1 and 2" in refused(path)


def test_reference_features_are_about_those_that_encoding_the_samples_again_gives(model, path):
    data = simulate(n_tissues=3, n_studies=3, n_genes=60, samples_per=8, seed=1)
    again = encode_array(model, np.asarray(data.X), data.obs["study"].astype(str).to_numpy(dtype=object))
    ours, codes = reference_features(model), model.transfer.codes.astype(np.float32)
    apart = [np.linalg.norm(rows - again.features, axis=1).mean() for rows in (ours, codes)]
    assert apart[0] < 0.7 * apart[1]
    for name in ("pull.means", "pull.share"):
        change(path, name, lambda _: None)
    np.testing.assert_array_equal(reference_features(load_model(path)), codes)
