"""Samples that the packaged model was trained on are known by their codes, in all that tells what a model has seen."""

import dataclasses
import logging
from pathlib import Path

import anndata
import numpy as np
import pytest
from anndata import AnnData

import clrna
from clrna.cli import encode, plot
from clrna.encode.recognition import recognize
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.model.model_file import load_model
from clrna.model.packaged_models import model_path
from clrna.simulate import simulate

NAME = "pan-cancer-small"
DEMO = Path(__file__).resolve().parents[2] / "test-data" / "demo"
# Studies of the model, and cohorts of its tissues that it lacks, with about 500 of its genes.
HELD = {"gordon2002": "Gordon2002", "moffitt2015": "Moffitt2015", "ccle_rnaseq": "CCLE_rnaseq"}
LACKED = ("gse11237", "gse19829")


@pytest.fixture(scope="module")
def model():
    return load_model(model_path(NAME))


def mine(name: str) -> AnnData:
    """Return a study of the demo as someone has it who does not know where it is from."""
    adata = anndata.read_h5ad(DEMO / f"{name}.h5ad")
    del adata.obs["donor"]
    adata.obs["study"] = "MINE"
    adata.obs_names = [f"S{number}" for number in range(adata.n_obs)]
    return adata


def encoded(adata: AnnData, **options: object) -> AnnData:
    return clrna.tl.encode(adata, NAME, copy=True, **options)


@pytest.mark.parametrize("name", HELD)
def test_a_study_of_the_model_under_another_name_is_known(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "clrna"):
        out = encoded(mine(name))
    assert set(out.obs["clrna_seen"]) == {"donor"}
    assert out.uns["clrna"]["models"]["X_clrna"]["study_known_as"].tolist() == [HELD[name]]
    said = f"study MINE: of {out.n_obs} samples {out.n_obs} are, by their codes, samples of {HELD[name]} that the model"
    assert any(said in text for text in caplog.messages)


@pytest.mark.parametrize("name", LACKED)
def test_a_cohort_of_its_tissues_that_the_model_lacks_is_unseen(name: str) -> None:
    out = encoded(mine(name))
    assert set(out.obs["clrna_seen"]) == {"unseen"}
    assert out.uns["clrna"]["models"]["X_clrna"]["study_known_as"].tolist() == [""]


def test_what_is_known_by_name_is_told_as_before() -> None:
    adata = mine("moffitt2015")
    adata.obs["study"] = "Moffitt2015"
    out = encoded(adata)
    assert set(out.obs["clrna_seen"]) == {"study"}
    assert out.uns["clrna"]["models"]["X_clrna"]["study_known_as"].tolist() == [""]


def test_samples_are_known_among_others_unless_they_are_few(model) -> None:
    lacked = encoded(mine("gse11237")).obsm["X_clrna"]
    for n, known in ((9, True), (2, False)):
        codes = np.concatenate([model.transfer.codes[60 : 60 + n].astype(np.float32), lacked])
        studies = np.full(len(codes), "MIXED", dtype=object)
        found = recognize(model, codes, studies, np.zeros(len(codes), dtype=bool))
        assert found.samples.tolist() == [known] * n + [False] * len(lacked) and not found.known_as


def test_a_model_that_names_nobody_knows_its_samples_too(model) -> None:
    references = dataclasses.replace(model.transfer.references, names=None, donors=None, categories=None)
    nameless = dataclasses.replace(model, transfer=dataclasses.replace(model.transfer, references=references))
    codes, studies = encoded(mine("ccle_rnaseq")).obsm["X_clrna"], np.full(32, "MINE", dtype=object)
    found = recognize(nameless, codes, studies, np.zeros(32, dtype=bool))
    assert found.samples.all() and found.known_as == {"MINE": "CCLE_rnaseq"}


def test_the_report_does_not_call_them_never_seen(tmp_path: Path) -> None:
    given, codes, report = (tmp_path / name for name in ("mine.h5ad", "codes.h5ad", "report.html"))
    write_h5ad(mine("moffitt2015"), given)
    assert encode.main([str(given), "-m", NAME, "-o", str(codes), "-q"]) == 0
    words = ["--reference", NAME, "--projections", "pca", "-o", str(report), "-q"]
    assert plot.main([str(codes), *words]) == 0
    text = " ".join(report.read_text().split())
    assert "trained on, as Moffitt2015" in text and "Nothing here is new to the model" in text
    assert "By their codes the samples of a study are known" in text
    assert "never seen" not in text and "was not trained on" not in text


def test_the_card_of_a_training_counts_a_copy_that_was_left_out_as_in_sample() -> None:
    adata = simulate(n_tissues=3, n_studies=3, n_genes=240, samples_per=12, seed=3)
    copy = adata[adata.obs["study"] == "SIM1"].copy()
    copy.obs["study"], copy.obs["donor"] = "COPY", ""
    copy.obs_names = [f"copy.{name}" for name in copy.obs_names]
    both = anndata.concat([adata, copy], merge="same")
    model = clrna.tl.train(both, exclude_studies=["COPY", "SIM3"])
    groups = {row["name"]: row["in_sample"] for row in model.metrics["groups"]}
    assert groups["study COPY, left out, of donors trained on"] and "study COPY, left out" not in groups
    assert groups["study SIM3, left out"] is False
