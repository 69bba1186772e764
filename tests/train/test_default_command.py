"""``clrna-train`` with its defaults, and what the file that it gives back says of the samples."""

import subprocess
import sys
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from clrna.cli import encode
from clrna.cli.train import main
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.model.model_file import load_model
from clrna.simulate import simulate


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three studies of three tissues; each has measured some donors of the others."""
    path = tmp_path_factory.mktemp("data") / "merged.h5ad"
    write_h5ad(simulate(n_tissues=3, n_studies=3, n_genes=60, samples_per=12, unlabelled=0.1), path)
    return path


def train(data: Path, folder: Path, *words: str) -> anndata.AnnData:
    files = ["-o", str(folder / "m.safetensors"), "--output-h5ad", str(folder / "out.h5ad")]
    more = ["--history", str(folder / "history.tsv"), "--card", str(folder / "card.md")]
    assert main([str(data), *files, *more, "--latent-dim", "8", "--threads", "1", "-q", *words]) == 0
    return anndata.read_h5ad(folder / "out.h5ad")


def test_every_sample_was_trained_on_and_says_so(data: Path, tmp_path: Path) -> None:
    out = train(data, tmp_path)
    assert set(out.obs["clrna_seen"]) == {"sample"}
    assert set(out.obs["split"]) == {"train"}
    model = load_model(tmp_path / "m.safetensors")
    assert model.settings.standardize == "sample" and len(model.transfer.labels) == 108
    assert pd.read_csv(tmp_path / "history.tsv", sep="\t").empty
    card = (tmp_path / "card.md").read_text()
    assert "## Expected on other studies" in card and "never seen" not in card
    for column in ("clrna_second", "clrna_margin", "clrna_uncertain"):
        assert column in out.obs


def test_a_closed_form_is_the_same_bytes_whatever_the_cpu_computes_in(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for units in (False, True):
        monkeypatch.setattr("clrna.train.precision.cpu_computes_in_bf16", lambda units=units: units)
        train(data, tmp_path, "--device", "cpu")
        made.append([(tmp_path / name).read_bytes() for name in ("m.safetensors", "card.md")])
    assert made[0] == made[1]
    assert load_model(tmp_path / "m.safetensors").provenance["facts"]["precision"] == "fp32"
    assert "| precision |" not in (tmp_path / "card.md").read_text()


def test_a_closed_form_is_trained_without_libraries_that_it_does_not_need(data: Path, tmp_path: Path) -> None:
    """To load these takes two seconds."""
    words = [str(data), "-o", str(tmp_path / "m.safetensors"), "--threads", "1", "-q"]
    code = f"import sys; from clrna.cli import train; s = train.main({words!r}); print(*sys.modules); sys.exit(s)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "clrna.train.trainer" in loaded
    assert loaded & {"torch._dynamo", "sklearn"} == set()


def test_what_is_kept_aside_was_not_trained_on(data: Path, tmp_path: Path) -> None:
    out = train(data, tmp_path, "--reserve-test", "--exclude-study", "SIM3")
    split = anndata.read_h5ad(data).obs["split"].astype(str)
    seen, aside = out.obs["clrna_seen"].astype(str), (out.obs["study"] == "SIM3").to_numpy()
    assert (seen[~aside & (split != "test")] == "sample").all()
    assert set(seen[~aside & (split == "test")]) == {"study"}
    learned = set(out.obs["donor"][seen == "sample"])
    expected = np.where(out.obs["donor"][aside].isin(learned), "donor", "unseen")
    assert seen[aside].tolist() == expected.tolist()
    assert set(expected) == {"donor", "unseen"}


def test_encoding_the_file_once_more_knows_its_studies_only(data: Path, tmp_path: Path) -> None:
    out = train(data, tmp_path, "--exclude-study", "SIM3")
    words = [str(data), "-m", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "again.h5ad"), "-q"]
    assert encode.main(words) == 0
    again = anndata.read_h5ad(tmp_path / "again.h5ad")
    assert set(again.obs["clrna_seen"][again.obs["study"] != "SIM3"]) == {"study"}
    np.testing.assert_allclose(again.obsm["X_clrna"], out.obsm["X_clrna"], atol=1e-4)
    assert (again.obs["clrna_label"].astype(str) == out.obs["clrna_label"].astype(str)).all()


def test_one_sample_is_encoded_as_among_others(data: Path, tmp_path: Path) -> None:
    train(data, tmp_path, "--exclude-study", "SIM3")
    given = anndata.read_h5ad(data)
    study = given[given.obs["study"] == "SIM3"].copy()
    coded = {}
    for name, samples in {"one": study[:1].copy(), "all": study}.items():
        write_h5ad(samples, tmp_path / f"{name}.h5ad")
        words = [str(tmp_path / f"{name}.h5ad"), "-m", str(tmp_path / "m.safetensors"), "-q", "--adapt", "none"]
        assert encode.main([*words, "-o", str(tmp_path / f"{name}.coded.h5ad")]) == 0
        coded[name] = anndata.read_h5ad(tmp_path / f"{name}.coded.h5ad")
    assert coded["one"].obsm["X_clrna"].shape == (1, 8)
    np.testing.assert_allclose(coded["one"].obsm["X_clrna"], coded["all"].obsm["X_clrna"][:1], atol=1e-5)
    for column in ("clrna_label", "clrna_second"):
        assert coded["one"].obs[column].astype(str).iloc[0] == coded["all"].obs[column].astype(str).iloc[0]


def test_one_sample_by_itself_is_placed_as_one_sample(data: Path, tmp_path: Path) -> None:
    train(data, tmp_path, "--exclude-study", "SIM3")
    given = anndata.read_h5ad(data)
    write_h5ad(given[given.obs["study"] == "SIM3"][:1].copy(), tmp_path / "one.h5ad")
    words = [str(tmp_path / "one.h5ad"), "-m", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "o.h5ad"), "-q"]
    assert encode.main(words) == 0
    out = anndata.read_h5ad(tmp_path / "o.h5ad")
    assert np.isfinite(out.obsm["X_clrna"]).all() and out.obsm["X_clrna"].shape == (1, 8)
    assert out.obs["clrna_label"].astype(str).iloc[0] in set(given.obs["tissue"].dropna().astype(str))


def test_samples_that_do_not_vary_end_it_in_one_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    adata = anndata.read_h5ad(data)
    adata.X[5] = 4.0
    write_h5ad(adata, tmp_path / "flat.h5ad")
    assert main([str(tmp_path / "flat.h5ad"), "-o", str(tmp_path / "m.safetensors"), "-q"]) == 3
    errors = [line for line in capsys.readouterr().err.splitlines() if "error: " in line]
    assert len(errors) == 1 and "flat.h5ad: 1 of 108 samples have the same value in every gene" in errors[0]
    assert not (tmp_path / "m.safetensors").exists()


def test_a_second_list_of_studies_does_not_undo_the_first(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(data), "-o", str(tmp_path / "m.safetensors"), "-q", "--exclude-study", "SIM1", "--exclude-study=SIM2"]
    assert main(words) == 2 and not list(tmp_path.iterdir())
    told = "clrna-train: error: --exclude-study is given 2 times; name all in one, with commas between"
    assert capsys.readouterr().err.strip().splitlines()[-1] == told
    # Of a file and the command line, the latter wins, as for every option.
    (tmp_path / "c.yaml").write_text("exclude-study: [SIM1]\n")
    assert main([*words[:-1], "--config", str(tmp_path / "c.yaml")]) == 0
    assert load_model(tmp_path / "m.safetensors").training_studies == ["SIM2", "SIM3"]
