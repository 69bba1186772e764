"""The files that the Galaxy tools' tests use are such as the executables of today write."""

import math
import subprocess
import sys
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open

from clrna.cli import plot

REPOSITORY = Path(__file__).resolve().parents[2]
TEST_DATA = REPOSITORY / "tools" / "clrna" / "test-data"
BY_HAND = {"clrna_models.loc"}
COMPUTED = {
    "model.safetensors",
    "history.tsv",
    "encoded.h5ad",
    "baselines.h5ad",
    "scores.tsv",
    "matches.tsv",
    "genes.tsv",
}
TOLERANCE = 1e-3  # another processor rounds otherwise, and training carries that on


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "test-data"
    script = REPOSITORY / "tools" / "testing" / "make_test_data.py"
    subprocess.run([sys.executable, script, folder], check=True, cwd=REPOSITORY)
    return folder


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_there_is_every_file_and_no_other(anew: Path) -> None:
    assert names(TEST_DATA) == names(anew) | BY_HAND
    assert names(anew) > COMPUTED


def test_files_that_nothing_is_computed_for_are_the_same(anew: Path) -> None:
    for name in names(anew) - COMPUTED:
        made, kept = anew / name, TEST_DATA / name
        if name.endswith(".h5ad"):
            assert_same_anndata(made, kept)
        else:
            assert made.read_bytes() == kept.read_bytes(), name


def test_the_model_is_the_same(anew: Path) -> None:
    with safe_open(anew / "model.safetensors", "np") as made, safe_open(TEST_DATA / "model.safetensors", "np") as kept:
        assert set(made.keys()) == set(kept.keys()) and set(made.metadata()) == set(kept.metadata())
        for key in made.keys():
            one, other = made.get_tensor(key), kept.get_tensor(key)
            assert one.shape == other.shape and one.dtype == other.dtype, key
            np.testing.assert_allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE, err_msg=key)


@pytest.mark.parametrize("name", ["history.tsv", "scores.tsv"])
def test_tables_are_the_same(anew: Path, name: str) -> None:
    made, kept = (
        [line.split("\t") for line in (folder / name).read_text().splitlines()] for folder in (anew, TEST_DATA)
    )
    assert len(made) == len(kept) and made[0] == kept[0]
    # A fingerprint is of every bit, and these are another processor's.
    compared = [at for at, column in enumerate(made[0]) if column != "fingerprint"]
    for one, other in ([[row[at] for at in compared] for row in pair] for pair in zip(made, kept, strict=True)):
        assert len(one) == len(other) and all(map(is_close, one, other)), f"{one}\n{other}"


@pytest.mark.parametrize("name", ["matches.tsv", "genes.tsv"])
def test_ranked_tables_are_of_the_same_samples(anew: Path, name: str) -> None:
    # Which of two genes or samples is first may hang on the last digit.
    made, kept = (
        pd.read_csv(folder / name, sep="\t", dtype=str, keep_default_na=False) for folder in (anew, TEST_DATA)
    )
    assert list(made.columns) == list(kept.columns) and len(made) == len(kept)
    assert made["sample"].tolist() == kept["sample"].tolist()


def is_close(one: str, other: str) -> bool:
    try:
        return math.isclose(float(one), float(other), rel_tol=0.02, abs_tol=0.02)
    except ValueError:
        return one == other


@pytest.mark.parametrize("name", ["encoded.h5ad", "baselines.h5ad"])
def test_encoded_samples_are_the_same(anew: Path, name: str) -> None:
    assert_same_anndata(anew / name, TEST_DATA / name)


def assert_same_anndata(one: Path, other: Path) -> None:
    made, kept = anndata.read_h5ad(one), anndata.read_h5ad(other)
    assert made.shape == kept.shape and list(made.obs_names) == list(kept.obs_names)
    for part in ("obs", "var", "obsm", "layers", "uns"):
        assert set(getattr(made, part).keys()) == set(getattr(kept, part).keys()), part
    assert set(made.uns.get("clrna", ())) == set(kept.uns.get("clrna", ()))
    np.testing.assert_allclose(made.to_df(), kept.to_df(), rtol=TOLERANCE)
    for key in made.obsm:
        # the sign of a principal component is nobody's choice
        np.testing.assert_allclose(
            np.abs(made.obsm[key]), np.abs(kept.obsm[key]), rtol=TOLERANCE, atol=TOLERANCE, err_msg=key
        )


def test_the_scores_are_of_the_embeddings_beside_them(tmp_path: Path) -> None:
    """They are bound to these to the last bit, so no file of the set may be renewed without the others."""
    inputs = [str(TEST_DATA / name) for name in ("encoded.h5ad", "baselines.h5ad")]
    figure = tmp_path / "scores.png"
    words = [*inputs, "--scores", str(TEST_DATA / "scores.tsv"), "--figure", "scores", "-o", str(figure), "--quiet"]
    assert plot.main(words) == 0
    assert figure.stat().st_size > 0


def test_the_data_managers_model_is_the_same() -> None:
    managers = TEST_DATA.parents[1] / "data_managers" / "data_manager_clrna_models" / "test-data"
    assert (managers / "model.safetensors").read_bytes() == (TEST_DATA / "model.safetensors").read_bytes()


def test_no_file_is_large() -> None:
    sizes = {path.name: path.stat().st_size for path in TEST_DATA.rglob("*")}
    assert max(sizes.values()) < 1_000_000, sizes
