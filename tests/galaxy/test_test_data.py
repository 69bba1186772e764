"""The files that the Galaxy tools' tests use are such as the executables of today write."""

from pathlib import Path

from clrna.model.model_file import load_model

TEST_DATA = Path(__file__).resolve().parents[2] / "tools" / "clrna" / "test-data"


def test_the_model_opens() -> None:
    model = load_model(TEST_DATA / "model.safetensors")
    assert model.training_studies == ["SIM1", "SIM2"]


def test_the_data_managers_model_is_the_same() -> None:
    managers = TEST_DATA.parents[1] / "data_managers" / "data_manager_clrna_models" / "test-data"
    assert (managers / "model.safetensors").read_bytes() == (TEST_DATA / "model.safetensors").read_bytes()


def test_no_file_is_large() -> None:
    sizes = {path.name: path.stat().st_size for path in TEST_DATA.iterdir()}
    assert max(sizes.values()) < 1_000_000, sizes
