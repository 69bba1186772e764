"""The reference model in the package: found by its name, complete, and of use on a cohort that it lacks."""

import hashlib
import json
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open

import clrna
from clrna.cli import encode, explain, fetch, match
from clrna.errors import InputError
from clrna.model.model_file import load_model
from clrna.model.packaged_models import model_path, packaged_models

NAME = "pan-cancer-small"
SOURCES = Path(__file__).resolve().parents[2] / "benchmarks" / "reference_model" / "sources.tsv"
LARGEST = 12_000_000


@pytest.fixture(scope="module")
def model():
    return load_model(model_path(NAME))


@pytest.fixture
def cohort(model, tmp_path: Path) -> Path:
    """Ten samples with the mean expression of two tissues, and noise; every third gene is missing."""
    rng = np.random.default_rng(0)
    space, statistics = model.transfer.space, model.transfer.classes
    wanted = [model.classes.index(name) for name in ("Breast", "Lymphoid/Myeloid")]
    scaled = np.repeat(statistics.placed_means[wanted], 5, axis=0) @ space.axes.T.astype(np.float64)
    values = scaled * space.scale + space.mean + rng.normal(scale=0.3, size=scaled.shape)
    obs = pd.DataFrame({"study": "MINE"}, index=[f"S{number}" for number in range(10)])
    adata = anndata.AnnData((5 + 2 * values).astype(np.float32), obs, pd.DataFrame(index=model.genes.index))
    path = tmp_path / "mine.h5ad"
    adata[:, np.arange(adata.n_vars) % 3 > 0].copy().write_h5ad(path)
    return path


def test_a_name_is_a_model_and_anything_else_is_a_path() -> None:
    assert list(packaged_models()) == [NAME] and model_path(NAME).is_file()
    assert model_path(f"./{NAME}") == Path(f"./{NAME}") and model_path("m.safetensors") == Path("m.safetensors")


def test_all_of_it_is_under_a_checksum() -> None:
    with safe_open(model_path(NAME), "np") as file:
        assert len(json.loads(file.metadata()["clrna"])["checksum"]) == 64


def test_it_holds_names_but_is_small_and_its_card_lies_beside_it(model) -> None:
    path = model_path(NAME)
    assert path.stat().st_size < LARGEST
    references = model.transfer.references
    assert references.is_named and len(references.names) == len(model.transfer.codes) == 1514
    sources = pd.read_csv(SOURCES, sep="\t", comment="#")
    assert set(references.studies) == set(model.training_studies) == set(sources["study"])
    card = path.with_suffix(".md").read_text()
    assert card.startswith(f"# {NAME}\n") and "## Expected on other studies" in card and "## Half precision" in card
    for row in sources.itertuples():
        assert f"| {row.study} | {row.licence} |" in card and row.sha256 in card
    assert set(sources["licence"]) == {"CC0-1.0", "MIT", "Artistic-2.0"}


def test_it_flags_labels_that_are_less_sure_than_what_is_asked_of_one(model) -> None:
    threshold = model.transfer.confidence.threshold
    card = model_path(NAME).with_suffix(".md").read_text()
    assert threshold >= 0.85 and f"where its confidence is below {threshold:.2f}." in card
    [ratios] = [line.split("|") for line in card.splitlines() if line.startswith("| all but ratios to a reference |")]
    assert float(ratios[4]) >= 0.85  # labels right, of cohorts whose samples carry a tissue each by itself


def test_a_cohort_is_encoded_matched_and_explained_by_name(cohort: Path, tmp_path: Path) -> None:
    encoded, matches, genes = (tmp_path / name for name in ("e.h5ad", "m.tsv", "g.tsv"))
    assert encode.main([str(cohort), "-m", NAME, "-o", str(encoded), "-q"]) == 0
    obs = anndata.read_h5ad(encoded).obs
    assert obs["clrna_label"].astype(str).tolist() == ["Breast"] * 5 + ["Lymphoid/Myeloid"] * 5
    assert not obs["clrna_unlike_training"].any()
    assert match.main([str(encoded), NAME, "-o", str(matches), "-k", "1", "-q"]) == 0
    table = pd.read_csv(matches, sep="\t")
    assert table["match_label"].tolist() == ["Breast"] * 5 + ["Lymphoid/Myeloid"] * 5
    assert table["match_donor"].notna().all()
    assert explain.main([NAME, "-o", str(genes), "--label", "Breast", "-q"]) == 0
    assert "GATA3" in pd.read_csv(genes, sep="\t")["gene"].tolist()


def test_python_takes_the_name_too(cohort: Path) -> None:
    adata = anndata.read_h5ad(cohort)
    clrna.tl.encode(adata, NAME)
    assert adata.obs["clrna_label"].astype(str).tolist() == ["Breast"] * 5 + ["Lymphoid/Myeloid"] * 5
    assert clrna.tl.match(adata, NAME, n_matches=1)["match_label"].iloc[0] == "Breast"
    with pytest.raises(InputError):
        clrna.Model.load("pan-cancer-large")


def test_fetch_gives_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch.main([NAME, "-o", str(tmp_path / "m.safetensors")]) == 0
    assert "pan-cancer-small.md" in capsys.readouterr().err
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "m.safetensors", model_path(NAME))}
    assert len(digests) == 1


def test_a_wrong_name_is_told_the_right_one(cohort: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert encode.main([str(cohort), "-m", "pan-cancer", "-o", str(cohort.with_name("e.h5ad"))]) == 3
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last == f"clrna-encode: error: --model pan-cancer: no such file, nor a model that comes along: {NAME}"
