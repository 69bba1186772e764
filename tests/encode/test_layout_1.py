"""A model file of the layout before samples were placed, made by that version: it is read, and gives the same codes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clrna.encode.arrays import encode_array
from clrna.model.model_file import load_model, save_model
from clrna.model.tensor_file import read_tensor_file

REFERENCE = Path(__file__).resolve().parents[1] / "reference"


@pytest.fixture(scope="module")
def samples() -> pd.DataFrame:
    """Expression, and what the older version made of it."""
    return pd.read_csv(REFERENCE / "layout1_samples.tsv", sep="\t")


@pytest.mark.parametrize("adapt", ["study", "auto"])
def test_same_codes_labels_and_distances(samples, adapt):
    model = load_model(REFERENCE / "layout1_model.safetensors")
    values = samples[list(model.genes.index)].to_numpy(dtype=np.float32)
    found = encode_array(model, values, np.full(len(values), "SIM3", dtype=object), adapt=adapt)
    assert model.transfer is None and model.settings.standardize == "study"
    np.testing.assert_allclose(found.codes, samples[[f"code{i}" for i in range(4)]], atol=1e-4)
    assert found.label.tolist() == samples["label"].tolist()
    np.testing.assert_allclose(found.confidence, samples["confidence"], atol=1e-4)
    np.testing.assert_allclose(found.distance, samples["distance"], atol=1e-3)
    assert (found.second != found.label).all() and (found.margin > 0).all()


def test_it_is_written_as_it_was(tmp_path):
    source = REFERENCE / "layout1_model.safetensors"
    save_model(load_model(source), tmp_path / "again.safetensors")
    was, (tensors, description) = (
        read_tensor_file(path, "model", 1) for path in (source, tmp_path / "again.safetensors")
    )
    assert description == was[1]
    assert {name: array.tobytes() for name, array in tensors.items()} == {
        name: array.tobytes() for name, array in was[0].items()
    }
