"""A run whose last output fails leaves none, and what an output would refuse is refused before the work."""

import numpy as np
import pytest


@pytest.mark.parametrize("with_h5ad", [True, False])
@pytest.mark.parametrize(
    ("change", "fault"),
    [(lambda x: x * 30, "too large for a logarithm"), (lambda x: -x, "below 0"), (lambda x: np.full_like(x, 5), "")],
    ids=["counts", "negative", "constant"],
)
def test_training_refuses_what_encoding_does_before_it_starts(
    run, encoded, write, monkeypatch, tmp_path, change, fault, with_h5ad
):
    monkeypatch.setattr("clrna.train.run.fit_model", lambda *_, **__: pytest.fail("training was begun"))
    rows = (encoded.obs["study"] == "SIM2").to_numpy()
    encoded.X[rows] = change(encoded.X[rows])
    path = write(encoded)
    run("encode", path).refused(str(path))
    words = ["--output-h5ad", str(tmp_path / "out" / "o.h5ad")] if with_h5ad else []
    run("train", path, *words).refused(str(path), "SIM2", fault)


@pytest.mark.parametrize("name", ["train", "score", "normalize", "baseline"])
def test_none_is_left_where_the_last_fails(run, encoded, write, monkeypatch, tmp_path, name):
    def fails(*_, **__):
        raise OSError(28, "No space left on device", "o.h5ad")

    path = write(encoded)
    monkeypatch.setattr("anndata.AnnData.write_h5ad", fails)
    monkeypatch.setattr("clrna.encode.files.shutil.copyfile", fails)
    out = tmp_path / "out"
    words = {
        "train": ["--output-h5ad", f"{out}/o.h5ad"],
        "normalize": ["--gene-report", f"{out}/g.tsv", "--study-report", f"{out}/s.tsv"],
    }.get(name, [])
    ended = run(name, path, *words)
    assert ended.status == 1
    assert "No space left on device" in ended.said
    assert ended.left == []


def test_the_report_on_a_refused_design_is_written_all_the_same(run, encoded, write, tmp_path):
    encoded.obs["tissue"] = np.where(encoded.obs["study"] == encoded.obs["study"].iloc[0], "Lung", "Bowel")
    ended = run("baseline", write(encoded), "--methods", "combat", "--covariates", "tissue")
    assert ended.status == 3
    assert ended.left == ["d.tsv"]
