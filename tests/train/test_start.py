"""``clrna-train --start``: studies beside those that a model keeps, as if it had been trained on all."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from anndata import AnnData

import clrna
from clrna.cli.train import main
from clrna.errors import InputError, UsageError
from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad
from clrna.io.provenance import sha256_of
from clrna.metrics.macro_f1 import macro_f1
from clrna.model.model_file import load_model, save_model
from clrna.model.packaged_models import packaged_models
from clrna.model.settings import ModelSettings
from clrna.simulate import Effects, simulate
from clrna.train.beside import begin_from
from clrna.train.restored import restore_samples
from clrna.train.start import check_start, read_start
from clrna.train.training_file import read_training_file

# So that labels of another study are not all right, and those of a new tissue all wrong without what was added.
_HARD = Effects(tissue=0.42, study_shift=1.2, donor=0.6, noise=0.6)
_NEW = ["Kidney", "Liver"]


def of(adata: AnnData, *studies: str) -> AnnData:
    return adata[adata.obs["study"].astype(str).isin(studies)].copy()


@pytest.fixture(scope="module")
def studies() -> AnnData:
    return simulate(n_tissues=3, n_studies=4, n_genes=80, samples_per=10, unlabelled=0.1)


@pytest.fixture(scope="module")
def first(studies: AnnData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("first") / "first.safetensors"
    clrna.tl.train(of(studies, "SIM1", "SIM2"), latent_dim=12, keep_names=True).save(path)
    return path


@pytest.fixture(scope="module")
def second(studies: AnnData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("second") / "mine.h5ad"
    write_h5ad(of(studies, "SIM3"), path)
    return path


@pytest.mark.parametrize("seed", [1, 2])
def test_it_labels_another_study_as_a_model_of_all_data_does(seed: int) -> None:
    adata = simulate(n_tissues=6, n_studies=5, n_genes=300, samples_per=12, seed=seed, effects=_HARD)
    old = adata.obs["study"].astype(str).isin(["SIM1", "SIM2"]) & ~adata.obs["tissue"].astype(str).isin(_NEW)
    added, asked = of(adata, "SIM3", "SIM4"), of(adata, "SIM5")
    before = clrna.tl.train(adata[old].copy())
    models = {
        "before": before,
        "after": clrna.tl.train(added, start=before),
        "all": clrna.tl.train(adata[old | adata.obs["study"].astype(str).isin(["SIM3", "SIM4"])].copy()),
    }
    truth = asked.obs["tissue"].astype(str).to_numpy()
    f1 = {}
    for name, model in models.items():
        coded = clrna.tl.encode(asked, model, copy=True)
        f1[name] = macro_f1(truth, coded.obs["clrna_label"].astype(str).to_numpy())
    assert f1["after"] >= f1["all"] - 0.02
    assert f1["before"] < 0.6, "the new tissues are not new"


def test_what_is_restored_has_the_codes_and_means_of_what_it_stands_for(studies: AnnData, first: Path) -> None:
    model = load_model(first)
    arrays, transfer = model.network.to_arrays(), model.transfer
    numbers = {name: number for number, name in enumerate(model.training_studies)}
    several = [restore_samples(transfer, arrays["linear_weight"], arrays["linear_bias"], numbers, n) for n in range(8)]
    restored = several[0]
    true = of(studies, "SIM1", "SIM2")
    assert restored.values.shape == true.shape
    assert restored.studies.tolist() == true.obs["study"].astype(str).tolist()
    # Each sample is most like the one that it stands for, among those of its study, whatever is drawn.
    for study in numbers:
        own = np.flatnonzero(restored.studies == study)
        likeness = [np.corrcoef(one.values[own], true.X[own])[: len(own), len(own) :] for one in several]
        assert np.mean([one.argmax(axis=1) == np.arange(len(own)) for one in likeness]) >= 0.7
    # As many genes scatter too much as too little, and they lie where they lay.
    there, was = restored.values.astype(np.float64), np.asarray(true.X, dtype=np.float64)
    np.testing.assert_allclose(there.mean(axis=0), was.mean(axis=0), atol=0.5)
    assert np.median(there.std(axis=0) / was.std(axis=0)) == pytest.approx(1, abs=0.1)


def test_the_executable_and_the_library_give_the_same(first: Path, second: Path, tmp_path: Path) -> None:
    words = [str(second), "--start", str(first), "--latent-dim", "12", "-q"]
    for name in ("a", "b"):
        assert main([*words, "-o", str(tmp_path / f"{name}.safetensors")]) == 0
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    one, other = load_model(tmp_path / "a.safetensors"), clrna.tl.train(read_h5ad(second), start=first, latent_dim=12)
    np.testing.assert_array_equal(one.transfer.codes, other.transfer.codes)
    assert one.metrics == other.metrics
    again = clrna.tl.train(read_h5ad(second), start=clrna.Model.load(first), latent_dim=12)
    np.testing.assert_array_equal(again.transfer.codes, other.transfer.codes)


def test_the_model_its_record_and_its_card_know_both(first: Path, second: Path, tmp_path: Path) -> None:
    files = {"-o": "m.safetensors", "--card": "card.md", "--output-h5ad": "out.h5ad"}
    outputs = [word for option, name in files.items() for word in (option, str(tmp_path / name))]
    words = [str(second), "--start", str(first), "--latent-dim", "12", "--keep-names", "-q"]
    assert main([*words, *outputs]) == 0
    before, after = load_model(first), load_model(tmp_path / "m.safetensors")
    assert after.training_studies == ["SIM1", "SIM2", "SIM3"] and after.scales == before.scales
    assert before.training_donors < after.training_donors
    assert after.genes.equals(before.genes)
    names = after.transfer.references.names.tolist()
    assert names == [*before.transfer.references.names, *read_h5ad(second).obs_names]
    start = after.provenance["facts"]["start"]
    assert start["sha256"] == sha256_of(first) and start["studies"] == ["SIM1", "SIM2"]
    assert [item["name"] for item in after.provenance["inputs"]] == ["mine.h5ad", "first.safetensors"]
    card = (tmp_path / "card.md").read_text()
    assert f"`first.safetensors`, SHA-256 `{sha256_of(first)}`" in card and "| SIM1 | SIM2 | SIM3 |" in card
    out = read_h5ad(tmp_path / "out.h5ad")
    assert out.n_obs == 30 and set(out.obs["clrna_seen"]) == {"sample"}
    assert [row["n"] for row in after.metrics["groups"]] == [int(out.obs["tissue"].notna().sum())]


def test_what_left_out_studies_said_adds_up(first: Path, studies: AnnData) -> None:
    before, added = load_model(first), of(studies, "SIM3", "SIM4")
    after = clrna.tl.train(added, start=first, latent_dim=12)
    asked = {row["label"]: row["n"] for row in after.metrics["left_out"]}
    earlier = {row["label"]: row["n"] for row in before.metrics["left_out"]}
    # Of the new samples those whose donors the model has not seen.
    new = ~added.obs["donor"].isin(of(studies, "SIM1", "SIM2").obs["donor"])
    for label, count in earlier.items():
        own = new & (added.obs["tissue"].astype(str) == label)
        twice = added.obs["donor"][own].duplicated(keep=False).sum()
        assert count < asked[label] <= count + own.sum() and asked[label] >= count + own.sum() - twice


def test_genes_may_be_missing_and_have_other_names(first: Path, second: Path) -> None:
    whole = clrna.tl.train(read_h5ad(second), start=first, latent_dim=12)
    other = read_h5ad(second)
    other.var.index = other.var["ensembl_id"].astype(str)
    other = other[:, ::-1].copy()
    named = clrna.tl.train(other, start=first, latent_dim=12)
    np.testing.assert_allclose(named.transfer.codes, whole.transfer.codes, atol=0.02)
    fewer = clrna.tl.train(read_h5ad(second)[:, :50].copy(), start=first, latent_dim=12)
    assert fewer.n_genes == whole.n_genes
    measured = np.isin(fewer.genes.index, read_h5ad(second).var_names[:50])
    np.testing.assert_allclose(fewer.transfer.space.measured, np.where(measured, 1, 2 / 3), atol=1e-6)


def test_a_model_that_does_not_say_how_many_studies_measured_a_gene(studies: AnnData, tmp_path: Path) -> None:
    """Models of before keep no such share; it follows from what they keep where all samples have labels."""
    adata = simulate(n_tissues=3, n_studies=4, n_genes=80, samples_per=10)
    there = np.arange(80) < 60
    adata.var["measured_in_SIM2"] = there
    adata.X[np.ix_((adata.obs["study"] == "SIM2").to_numpy(), ~there)] = 0
    model = clrna.tl.train(adata, latent_dim=12)
    space, levels = model.transfer.space, model.transfer.levels
    np.testing.assert_allclose(space.measured, np.where(there, 1, 0.75))
    older = dataclasses.replace(space, measured=None)
    np.testing.assert_allclose(older.share_measured(levels.within, 4), np.where(there, 1, 0.75))
    save_model(dataclasses.replace(model, transfer=dataclasses.replace(model.transfer, space=older)), tmp_path / "old")
    assert load_model(tmp_path / "old").transfer.space.measured is None


def fails(words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> tuple[int, str]:
    """Return the status and the one line that says what is wrong."""
    status = main([*words, "-o", str(tmp_path / "m.safetensors"), "-q"])
    assert not (tmp_path / "m.safetensors").exists()
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error: " in line]
    return status, line


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (
            ["--preset", "original-20"],
            2,
            "--start: goes on in closed form, not with the network of --preset original-20",
        ),
        (["--epochs", "2"], 2, "--start: goes on in closed form"),
        (["--exclude-study", "SIM1"], 2, "--exclude-study SIM1: is in the model of --start"),
        (["--exclude-study", "SIM3"], 2, "--exclude-study SIM3: no study is left to train on"),
        (["--label-key", "tumor_type"], 3, r"labels samples by 'tissue', not by 'tumor_type'"),
    ],
)
def test_what_makes_no_sense_ends_in_one_line(
    first: Path, second: Path, words: list[str], status: int, told: str, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    got, line = fails([str(second), "--start", str(first), *words], capsys, tmp_path)
    assert got == status and told in line


def test_a_study_that_the_model_has_is_refused(first: Path, studies: AnnData, tmp_path: Path, capsys) -> None:
    write_h5ad(of(studies, "SIM2", "SIM3"), tmp_path / "again.h5ad")
    words = [str(tmp_path / "again.h5ad"), "--start", str(first)]
    status, line = fails(words, capsys, tmp_path)
    assert status == 3 and "again.h5ad: 1 study of that name (SIM2) the model of --start has already" in line


def test_models_that_cannot_be_gone_on_from(second: Path, studies: AnnData, first: Path) -> None:
    added, old = read_h5ad(second), of(studies, "SIM1", "SIM2")
    network = clrna.tl.train(old, preset="original-20", hidden=[8], standardize="genes", epochs=1)
    with pytest.raises(InputError, match="is a network of the preset original-20"):
        clrna.tl.train(added, start=network)
    model = clrna.Model.load(first)
    model.transfer = dataclasses.replace(model.transfer, levels=None)
    with pytest.raises(InputError, match="train it anew with this version"):
        clrna.tl.train(added, start=model)
    nameless = clrna.tl.train(old, latent_dim=12)
    with pytest.raises(UsageError, match=re.compile("keep_names.*does not hold the names")):
        clrna.tl.train(added, start=nameless, keep_names=True)
    unnamed = clrna.tl.train(old, latent_dim=12, classification_weight=0)
    with pytest.raises(InputError, match="does not name the labels that its studies are placed by"):
        clrna.tl.train(added, start=unnamed)


def test_the_packaged_model_can_be_added_to(second: Path) -> None:
    start = read_start(packaged_models()["pan-cancer-small"])
    check_start(start, ModelSettings.preset("default"), "tissue", keep_names=True)
    columns = {"label_columns": ["tissue"], "study": "study", "donor": "donor", "split": "split", "layer": None}
    joined = begin_from(start, read_training_file(second, **columns), (), 0)
    assert joined.values.shape == (1514 + 30, 5645) and np.isfinite(joined.values).all()
    assert joined.samples.restored.sum() == 1514 and set(joined.samples.studies[1514:]) == {"SIM3"}
    # Eleven studies, of which seven tenths measured each gene.
    share = start.share_measured()
    np.testing.assert_allclose(share * 11, np.round(share * 11), rtol=1e-6)
    assert 0.7 <= share.min() and share.max() == 1
