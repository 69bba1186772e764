"""clrna-fetch clrna-published: checkpoint and data, as MoDaC has them, to a model that clrna-encode runs."""

import hashlib
import shutil

import anndata
import numpy as np
import pytest

from clrna.cli import encode
from clrna.cli.fetch import main
from clrna.fetch.published_model import published_classes, published_labels
from clrna.fetch.sources import clrna_published, modac_combined
from clrna.fetch.sources.modac_combined import read_metadata
from clrna.model.model_file import load_model

SITES = ("Breast", "kidney", "Lung", "Prostate")
TIMES = 40


@pytest.fixture
def recorded(data_folder):
    folder = data_folder / "checkpoint"
    return {path.stem: np.loadtxt(path, dtype=np.float32, delimiter="\t") for path in folder.glob("*.tsv")}


def write_data(folder, inputs, sites=SITES, genes=23):
    """Write the published pair of tables: every recorded sample many times, and a class that is too small."""
    names = [f"{('CCLE', 'GDSC')[n % 2]}.LINE-{n // 2}" for n in range(len(inputs) * TIMES + 5)]
    rows = [inputs[n % len(inputs)] for n in range(len(names))]
    header = "Sample\t" + "\t".join([*("TP53", "EGFR", "C1orf112"), *(f"GENE{n}" for n in range(3, genes))])
    lines = ["\t".join([name, *(f"{value:.9g}" for value in row)]) for name, row in zip(names, rows, strict=True)]
    (folder / "combined_rnaseq_data").write_text("\n".join([header, *lines]) + "\n")
    columns = "sample_name core_str dataset sample_category tumor_site_from_data_src tumor_type_from_data_src "
    columns += "simplified_tumor_site simplified_tumor_type"
    rows = ["\t".join(columns.split())]
    for number, name in enumerate(names):
        site = sites[number % len(inputs) % 4] if number < len(inputs) * TIMES else "Eye"
        rows.append("\t".join([name, name.split(".")[1], name.split(".")[0], "cell_line", site, "", site, ""]))
    (folder / "combined_cl_metadata").write_text("\n".join(rows) + "\n")


@pytest.fixture
def folder(data_folder, tmp_path, recorded):
    """Everything that is published, as for --from."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name in (clrna_published.INDEX, clrna_published.WEIGHTS):
        shutil.copy(data_folder / "checkpoint" / name, folder)
    write_data(folder, recorded["inputs"])
    return folder


def test_the_model_is_what_was_published(folder, tmp_path, recorded):
    output = tmp_path / "model.safetensors"
    assert main(["clrna-published", "-o", str(output), "--from", str(folder)]) == 0
    model = load_model(output)
    assert model.genes.index.tolist()[:3] == ["TP53", "EGFR", "C1orf112"]
    assert model.genes.loc["TP53", "entrez_id"] == "7157" and model.genes.loc["C1orf112", "entrez_id"] == "55732"
    assert model.classes == ["breast cell_line", "kidney cell_line", "lung cell_line", "prostate cell_line"]
    assert model.training_studies == ["CCLE", "GDSC"] and model.scales == ["log2_expression"]
    codes = model.encode(recorded["inputs"])
    np.testing.assert_allclose(codes, recorded["codes"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.logits(codes), recorded["logits"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.reconstruct(codes), recorded["rebuilt"], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(model.mean, recorded["inputs"].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(model.sd, recorded["inputs"].std(axis=0), rtol=1e-5)
    assert model.metrics["groups"][0]["accuracy"] == pytest.approx(11 / 13)
    assert np.isfinite(model.distance_threshold)


def test_clrna_encode_runs_it(folder, tmp_path, recorded):
    model, data, encoded = (tmp_path / name for name in ("model.safetensors", "data.h5ad", "encoded.h5ad"))
    assert main(["clrna-published", "-o", str(model), "--from", str(folder)]) == 0
    assert main(["modac-combined", "-o", str(data), "--from", str(folder)]) == 0
    assert encode.main([str(data), "-m", str(model), "-o", str(encoded), "--adapt", "none"]) == 0
    adata = anndata.read_h5ad(encoded)
    np.testing.assert_allclose(adata.obsm["X_clrna"][:13], recorded["codes"], rtol=1e-5, atol=1e-6)
    called = recorded["logits"].argmax(axis=1)
    assert adata.obs["clrna_label"].tolist()[:13] == [f"{SITES[c].lower()} cell_line" for c in called]
    assert set(adata.obs["clrna_seen"]) <= {"study", "donor"}
    # Another log2 scale is taken where a person says so.
    other = anndata.read_h5ad(data)
    other.obs["scale"] = "log2_tpm1"
    other.write_h5ad(data)
    words = [str(data), "-m", str(model), "-o", str(encoded), "--adapt", "none"]
    assert encode.main(words) == 3
    assert encode.main([*words, "--input-scale", "log2_expression"]) == 0


def test_it_comes_from_modac_with_a_token(modac, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("MODAC_USER", "ada")
    monkeypatch.setenv("MODAC_PASSWORD", "right horse")
    for file in [*clrna_published.files(None)]:
        modac.objects[file.modac_path] = (folder / file.name).read_bytes()
    words = ["--cache", str(tmp_path / "cache"), "--write-checksums", str(tmp_path / "sums"), "--jobs", "2"]
    assert main(["clrna-published", "-o", str(tmp_path / "a.safetensors"), *words]) == 0
    assert modac.logins == 1
    assert len((tmp_path / "sums").read_text().splitlines()) == 4
    # Once here, neither portal nor account is needed, and the list of checksums makes sure that it is the same.
    words = ["--cache", str(tmp_path / "cache"), "--offline", "--checksums", str(tmp_path / "sums")]
    assert main(["clrna-published", "-o", str(tmp_path / "b.safetensors"), *words]) == 0
    first, second = (load_model(tmp_path / f"{name}.safetensors").provenance for name in "ab")
    assert {item["sha256"] for item in first["inputs"]} == {item["sha256"] for item in second["inputs"]}
    md5 = hashlib.md5((folder / "combined_rnaseq_data").read_bytes(), usedforsecurity=False).hexdigest()
    assert any(f"md5:{md5}" in file["checked"] for file in first["facts"]["files"])


def test_classes_that_the_data_do_not_bear_out_stay_without_names(folder, tmp_path, recorded, capsys):
    write_data(folder, recorded["inputs"], sites=("Prostate", "Lung", "kidney", "Breast"))
    assert main(["clrna-published", "-o", str(tmp_path / "a.safetensors"), "--from", str(folder)]) == 0
    assert "its classes stay without names" in capsys.readouterr().err
    assert load_model(tmp_path / "a.safetensors").classes[0] == "published class 0"
    write_data(folder, recorded["inputs"], sites=("Lung", "Lung", "kidney", "Breast"))
    assert main(["clrna-published", "-o", str(tmp_path / "b.safetensors"), "--from", str(folder)]) == 0
    assert "the metadata give 3 classes, the checkpoint has 4" in capsys.readouterr().err
    assert load_model(tmp_path / "b.safetensors").metrics == {}


def test_data_that_do_not_belong_to_the_checkpoint(folder, tmp_path, recorded, capsys):
    write_data(folder, recorded["inputs"][:, :20], genes=20)
    assert main(["clrna-published", "-o", str(tmp_path / "a.safetensors"), "--from", str(folder)]) == 3
    assert "has 20 genes, the checkpoint takes 23" in capsys.readouterr().err


def test_a_damaged_checkpoint_gives_no_model(folder, tmp_path, capsys):
    weights = folder / clrna_published.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:5000] + b"?" + weights.read_bytes()[5001:])
    assert main(["clrna-published", "-o", str(tmp_path / "a.safetensors"), "--from", str(folder)]) == 3
    assert "CRC-32C" in capsys.readouterr().err and not list(tmp_path.glob("*.safetensors"))
    weights.unlink()
    assert main(["clrna-published", "-o", str(tmp_path / "a.safetensors"), "--from", str(folder)]) == 3
    assert f"has no {clrna_published.WEIGHTS}" in capsys.readouterr().err


def test_published_classes_are_lower_cased_site_and_category_of_a_hundred_or_more(folder):
    labels = published_labels(read_metadata(folder / modac_combined.METADATA))
    assert published_classes(labels) == [f"{site.lower()} cell_line" for site in SITES]
    assert (labels == "").sum() == 5
