"""The comparison of two demos finds what differs and passes what does not."""

import json
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "containers" / "compare.py"
FIXED = {"device": "cpu", "precision": "fp32", "threads": 2}


@pytest.fixture(scope="module")
def compare(load_script):
    return load_script(SCRIPT)


def demo(folder: Path, *, shift: float = 0.0, label: str = "Lung", score: float = 0.5, **told) -> Path:
    folder.mkdir()
    adata = anndata.AnnData(np.zeros((3, 2), dtype=np.float32))
    adata.obsm["X_clrna"] = np.array([[1.0, 2], [3, 4], [5, 60 + shift]])
    adata.obs["clrna_label"] = ["Breast", "Breast", label]
    records = [{"step": step, "parameters": FIXED | told} for step in ("train", "encode")]
    adata.uns["clrna"] = {"provenance": [json.dumps(record) for record in records]}
    adata.write_h5ad(folder / "encoded.h5ad")
    table = pd.DataFrame({"embedding": "X_clrna", "metric": ["f1", "recall"], "value": [score, np.nan]})
    table.to_csv(folder / "scores.tsv", sep="\t", index=False)
    return folder


def test_the_same_passes(compare, tmp_path):
    assert compare.main(demo(tmp_path / "a"), demo(tmp_path / "b", shift=5e-7)) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"shift": 5e-6}, "codes differ"),
        ({"shift": float("nan")}, "not finite"),
        ({"label": "Liver"}, "labels differ"),
        ({"score": 0.6}, "scores differ: X_clrna f1"),
        ({"score": float("nan")}, "scores differ"),
        ({"threads": 4}, "DEMO_ARGS"),
    ],
)
def test_a_difference_is_named(compare, tmp_path, capsys, change, said):
    assert compare.main(demo(tmp_path / "a"), demo(tmp_path / "b", **change)) == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("told", [{"device": "auto"}, {"precision": "bf16"}, {"threads": 0}])
def test_settings_that_are_left_open_are_no_ground_to_compare_on(compare, tmp_path, capsys, told):
    assert compare.main(demo(tmp_path / "a", **told), demo(tmp_path / "b", **told)) == 1
    assert "DEMO_ARGS" in capsys.readouterr().out
