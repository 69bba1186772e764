"""From normalizing to the report on data of odd shape: each step makes a right result or ends in one line."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from forking import Run
from place import ENCODED, Place

from clrna.io.hdf5.h5ad import write_h5ad

GENES = anndata.read_h5ad(ENCODED, backed="r").var_names[:60]


def data(n: int, n_genes: int = 60, labels: int = 3, studies: int = 2) -> AnnData:
    """Samples of so many labels, each of which stands in every study, in log2(TPM + 1)."""
    draw = np.random.default_rng(n)
    label = np.arange(n) % max(1, labels)
    values = np.abs(draw.normal(5, 1, (n, n_genes)) + draw.normal(0, 2, (max(1, labels), n_genes))[label])
    obs = pd.DataFrame(index=[f"s{number}" for number in range(n)])
    obs["study"] = [f"study{number}" for number in (np.arange(n) // max(1, labels)) % studies]
    obs["tissue"] = [f"Tissue {number}" if labels else "" for number in label]
    obs["scale"] = "log2_tpm1"
    return AnnData(values.astype(np.float32), obs=obs, var=pd.DataFrame(index=GENES[:n_genes]))


def changed(adata: AnnData, values: np.ndarray) -> AnnData:
    adata.X = np.asarray(values, dtype=np.float32)
    return adata


WHOLE = data(48)
# The data, and the step that refuses them with part of what it says; no step refuses the last ones.
CASES = {
    "a sample": (data(1, studies=1), "train", "one sample is in the train split"),
    "two samples": (data(2, labels=1, studies=2), "train", "with at least 2 samples, two are needed"),
    "a gene": (data(48, n_genes=1), "train", "have the same value in every gene"),
    "all values one": (changed(data(48), np.full((48, 60), 5.25)), "normalize", "every value is 5.25"),
    "all values 0": (changed(data(48), np.zeros((48, 60))), "normalize", "every value is 0"),
    "a constant study": (
        changed(data(48), np.where((WHOLE.obs["study"] == "study0").to_numpy()[:, None], 5.25, WHOLE.X)),
        "normalize", "every value is 5.25",
    ),
    "denormals": (changed(data(48), WHOLE.X * 1e-40), "train", "do not differ"),
    "a class": (data(48, labels=1), "train", "with at least 2 samples, two are needed"),
    "none labelled": (data(48, labels=0), "train", "with at least 2 samples, two are needed"),
    "a study": (data(48, studies=1), "", ""),
    "seventy classes": (data(840, labels=70), "", ""),
}  # fmt: skip


def steps(folder: Path) -> list[list[str]]:
    merged, model, encoded = (str(folder / name) for name in ("merged.h5ad", "m.safetensors", "encoded.h5ad"))
    return [
        ["normalize", str(folder / "given.h5ad"), "-o", merged, "--label-map", str(folder / "labels.tsv")],
        ["train", merged, "-o", model, "--latent-dim", "8", "--card", str(folder / "c.md")],
        ["encode", merged, "-m", model, "-o", encoded],
        ["score", encoded, "-o", str(folder / "s.tsv"), "--bootstrap", "5"],
        ["plot", encoded, "-o", str(folder / "o.html"), "--projections", "pca", "--scores", str(folder / "s.tsv")],
    ]


@pytest.mark.parametrize("name", CASES)
def test_a_chain_on_an_extreme(place: Place, tmp_path: Path, name: str) -> None:
    given, refuses, part = CASES[name]
    write_h5ad(given.copy(), tmp_path / "given.h5ad")
    labels = "".join(f"Tissue {number}\tTissue {number}\t\n" for number in range(70))
    (tmp_path / "labels.tsv").write_text(f"raw\ttissue\ttumor_type\n{labels}")
    for words in steps(tmp_path):
        before = set(tmp_path.iterdir())
        ended = place.forking.run(Run(words, str(place.scratch)))[0]
        if words[0] == refuses:
            ended.refused(part)
            assert set(tmp_path.iterdir()) == before
            return
        assert ended.status == 0, ended.said
        assert "Traceback" not in ended.said
    encoded = anndata.read_h5ad(tmp_path / "encoded.h5ad")
    assert np.isfinite(encoded.obsm["X_clrna"]).all()
    assert encoded.obs["clrna_confidence"].astype(float).between(0, 1).all()
    right = encoded.obs["clrna_label"].astype(str).to_numpy() == given.obs["tissue"].to_numpy()
    assert right.mean() > 0.9
    assert (tmp_path / "o.html").stat().st_size > 0
