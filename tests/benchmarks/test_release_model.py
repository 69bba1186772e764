"""The large reference model, end to end, from a mirror of small files in the portals' formats."""

import re

import anndata
import pandas as pd
import pytest
import release
from mirror_files import listing_of, make_mirror

from clrna.cli import encode, match
from clrna.fetch.registry import SOURCES
from clrna.fetch.sources.pdmr import SHEET
from clrna.model.model_file import load_model

_LUNG = "gene_tpm_2017-06-05_v8_lung.gct.gz"
NEW_LUNG = f"/m/storage.googleapis.com/adult-gtex/bulk-gex/v8/rna-seq/tpms-by-tissue/{_LUNG}"
OLD_LUNG = f"/m/storage.googleapis.com/gtex_analysis_v8/rna_seq_data/gene_tpm/{_LUNG}"
COUNTS, CCLE = "/m/api.gdc.cancer.gov/data/TCGA-S0-0000-01A", "/m/api.figshare.com/v2/file/download/51065489"
STUDIES = {"CCLE", "GDSC-array", "NCI60", "TCGA", "TARGET", "GTEx", "PDMR"}


@pytest.fixture(scope="module")
def made():
    return make_mirror()


@pytest.fixture
def mirror(portal, made, monkeypatch):
    """The portal as a mirror of all sources; its files are not the real ones, whose checksums are published."""
    monkeypatch.setattr("clrna.fetch.sources.ccle.Checksum", lambda *_: None)
    portal.files.update(made.files)
    portal.behaviors["/m/api.gdc.cancer.gov/files"] = [listing_of(made)] * 1000
    return portal


def words_of(portal, folder):
    return [str(folder), "--mirror", f"{portal.url}/m"]


def test_it_is_made_from_a_mirror_goes_on_where_it_stopped_and_tells_normal_tissues(mirror, made, tmp_path, capsys):
    folder = tmp_path / "release"
    by_hand = folder / "downloads" / "pdmr" / "current"
    by_hand.mkdir(parents=True)
    (by_hand / SHEET).write_text(made.sheet)
    held = mirror.files.pop(NEW_LUNG)
    with pytest.raises(SystemExit) as ended:
        release.main(words_of(mirror, folder))
    assert ended.value.code == 5 and _LUNG in capsys.readouterr().err
    assert [len(mirror.requests_of(path)) for path in (CCLE, COUNTS)] == [1, 1]
    assert not (folder / "merged.h5ad").exists()

    # The old bucket still has it; nothing that is there is loaded again.
    mirror.files[OLD_LUNG] = held
    release.main(words_of(mirror, folder))
    assert [len(mirror.requests_of(path)) for path in (CCLE, COUNTS)] == [1, 1]
    model, card = folder / f"{release.NAME}.safetensors", folder / f"{release.NAME}.md"
    assert model.stat().st_size < (folder / "whole" / model.name).stat().st_size
    check_samples(load_model(model))
    check_card(card.read_text())
    check_matches(model, made, tmp_path)

    # A third run makes the card anew and nothing else.
    before, text = model.stat().st_mtime_ns, card.read_text()
    release.main(words_of(mirror, folder))
    assert model.stat().st_mtime_ns == before and card.read_text() == text


def check_samples(model):
    assert set(model.training_studies) == STUDIES
    assert model.classes == ["Bowel", "Breast", "Lung", "Skin"]  # tissues, whatever the category
    references = model.transfer.references
    kinds = pd.crosstab(references.studies, references.categories)
    assert kinds.loc["TCGA", "normal"] == kinds.loc["PDMR", "xenograft"] == kinds.loc["CCLE", "cell_line"] == 40
    labelled = model.transfer.labels >= 0
    assert ((references.studies == "GTEx") & (references.categories == "normal") & labelled).sum() == 40


def check_card(text):
    assert text.startswith(f"# {release.NAME}\n") and "Left out here" not in text
    for section in (
        "Expected on other studies",
        "Uncertain labels",
        "Tumors, models of them and normal tissues",
        "Sources",
        "Half precision",
    ):
        assert f"\n## {section}\n" in text
    for name in ("ccle", "gdsc-array", "nci60", "gdc", "gtex", "pdmr"):
        assert SOURCES[name].licence in text and SOURCES[name].citation in text
    # Cell lines, normals, tumors (TCGA's other projects of the tissue among them), xenografts.
    assert re.search(r"\| Lung \| 30 \| 20 \| 1\d \| 10 \|", text)


def check_matches(model, made, tmp_path):
    """Encode normals and tumors of studies and donors that the model lacks: labels are tissues, matches categories."""
    given, codes, matches = (tmp_path / name for name in ("mine.h5ad", "codes.h5ad", "matches.tsv"))
    for category, part in made.others.items():
        part.write_h5ad(given)
        assert encode.main([str(given), "-m", str(model), "-o", str(codes), "-q"]) == 0
        labels = anndata.read_h5ad(codes).obs["clrna_label"].astype(str)
        assert (labels.to_numpy() == part.obs["tissue"].to_numpy()).mean() >= 0.95
        words = [str(codes), str(model), "-o", str(matches), "--to", category, "-k", "1", "-q"]
        assert match.main(words) == 0
        found = pd.read_csv(matches, sep="\t")
        assert set(found["match_sample_category"]) == {category}
        # Projects of one sample have the expression of another one, and no label.
        labelled = found[found["match_label"].notna()]
        assert len(labelled) >= 20 and (labelled["match_label"] == labelled["label"]).mean() >= 0.9


def test_a_set_without_its_file_is_left_out_and_others_by_name(mirror, tmp_path, capsys):
    table = pd.read_csv(release.TABLE, sep="\t", comment="#", dtype=str, keep_default_na=False)
    kept = table[table["name"].isin(["ccle", "gtex", "pdmr", "nci60"])].to_csv(sep="\t", index=False)
    (tmp_path / "table.tsv").write_text(f"# a comment\n{kept}")
    words = [*words_of(mirror, tmp_path / "r"), "--table", str(tmp_path / "table.tsv"), "--without", "nci60"]
    words += ["--name", "mine", "--limit"]
    release.main([*words, "9"])
    assert "pdmr is left out: there is no" in capsys.readouterr().err
    card = (tmp_path / "r" / "mine.md").read_text()
    assert card.startswith("# mine\n") and "Left out here: nci60, pdmr." in card
    assert set(load_model(tmp_path / "r" / "mine.safetensors").training_studies) == {"CCLE", "GTEx"}
    # What was fetched with another limit is not what is asked for now.
    first = anndata.read_h5ad(tmp_path / "r" / "fetched" / "gtex.h5ad").n_obs
    release.main([*(word for word in words if word not in ("--without", "nci60")), "10"])
    assert anndata.read_h5ad(tmp_path / "r" / "fetched" / "gtex.h5ad").n_obs == first + 4
    assert set(load_model(tmp_path / "r" / "mine.safetensors").training_studies) == {"CCLE", "GTEx", "NCI60"}


def test_a_table_that_is_none_and_a_set_that_is_not_in_it_are_told(tmp_path):
    (tmp_path / "table.tsv").write_text("name\tsource\nx\tccle\n")
    for words, told in (
        (["--table", str(tmp_path / "table.tsv")], "has no column projects"),
        (["--without", "x"], "no x"),
    ):
        with pytest.raises(SystemExit, match=told):
            release.main([str(tmp_path), *words])


def test_every_row_of_the_table_is_a_source_that_needs_no_account():
    table = pd.read_csv(release.TABLE, sep="\t", comment="#", dtype=str, keep_default_na=False)
    assert not table["name"].duplicated().any()
    for row in table.itertuples():
        source = SOURCES[row.source]
        assert not source.account and (source.has_projects or not (row.projects or row.limit))
