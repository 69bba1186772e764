"""On real data: a line that another study measured finds itself, a patient's xenograft finds its tissue."""

from pathlib import Path

import pandas as pd
import pytest

from clrna.cli.encode import main as encode
from clrna.cli.match import main as match
from clrna.cli.normalize import main as normalize
from clrna.cli.train import main as train

TRAINED_ON = (
    "cohorts/gdsc_zscore", "cohorts/tcga_counts6_zscore", "native/ccle_rnaseq_391", "native/tcga_agilent6",
)  # fmt: skip


@pytest.fixture(scope="module")
def model(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of four studies that names the samples it holds."""
    folder = tmp_path_factory.mktemp("real")
    merged, made = folder / "merged.h5ad", folder / "model.safetensors"
    words = [str(real_data / f"{name}.h5ad") for name in TRAINED_ON]
    assert normalize([*words, "--genes", "50%", "-o", str(merged), "-q"]) == 0
    assert train([str(merged), "-o", str(made), "--keep-names", "-q"]) == 0
    return made


def matches(model: Path, study: Path, folder: Path, *words: str) -> pd.DataFrame:
    """Normalize and encode a study that the model has not seen, and return its nearest matches."""
    normalized, encoded, table = (folder / name for name in ("normalized.h5ad", "encoded.h5ad", "matches.tsv"))
    assert normalize([str(study), "-o", str(normalized), "--min-class-size", "1", "-q"]) == 0
    assert encode([str(normalized), "-m", str(model), "-o", str(encoded), "-q"]) == 0
    assert match([str(encoded), str(model), "-o", str(table), "-k", "1", *words]) == 0
    return pd.read_csv(table, sep="\t", keep_default_na=False)


def test_a_line_of_another_study_finds_itself(model: Path, real_data: Path, tmp_path: Path) -> None:
    nearest = matches(model, real_data / "native" / "nci60_agilent.h5ad", tmp_path)
    held = pd.read_csv(tmp_path / "matches.tsv", sep="\t")
    assert len(nearest) == 60 and (nearest["rank"] == 1).all() and "NCI60" not in set(held["match_study"])
    again = (nearest["donor"] == nearest["match_donor"]).sum()
    print(f"{again} of 60 lines of NCI-60 are nearest to themselves in another study")
    assert again >= 51
    stated = nearest[nearest["as_close_as"] == "same_label"]
    print(f"same_label is stated {len(stated)} times, true {(stated['label'] == stated['match_label']).mean():.2f}")
    assert (stated["label"] == stated["match_label"]).mean() > 0.8
    called = nearest[nearest["as_close_as"] == "replicate"]
    assert len(called) >= 10 and (called["donor"] == called["match_donor"]).mean() > 0.8


def test_a_patients_xenograft_finds_its_tissue(model: Path, real_data: Path, tmp_path: Path) -> None:
    study = real_data / "cohorts" / "moffitt2015_pdac_rnaseq.h5ad"
    nearest = matches(model, study, tmp_path, "--from", "xenograft")
    assert len(nearest) == 37 and set(nearest["label"]) == {"Pancreas"}
    right = (nearest["match_label"] == "Pancreas").mean()
    print(f"{right:.2f} of 37 xenografts of pancreas are nearest to a pancreas")
    assert right > 0.8
