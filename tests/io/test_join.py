"""Joining files on sample names: what is kept, and what is refused."""

import logging

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.errors import InputError
from clrna.io.h5ad import write_h5ad
from clrna.io.join import join_on_samples
from clrna.io.provenance import add_record, make_record, read_records

NAMES = [f"S{i}" for i in range(6)]


@pytest.fixture
def clrna_log(caplog):
    logging.getLogger("clrna").addHandler(caplog.handler)
    yield caplog
    logging.getLogger("clrna").removeHandler(caplog.handler)


def save(path, names, obsm, *, study="A", extra=None, steps=(), models=None, genes=3):
    obs = pd.DataFrame({"study": study}, index=names)
    for key, value in (extra or {}).items():
        obs[key] = value
    adata = AnnData(np.ones((len(names), genes), dtype=np.float32), obs=obs)
    for key, matrix in obsm.items():
        adata.obsm[key] = np.asarray(matrix, dtype=np.float32)
    for step in steps:
        add_record(adata, make_record(step, {}, []))
    if models:
        adata.uns.setdefault("clrna", {})["models"] = models
    write_h5ad(adata, path)
    return path


def column(names):
    return [[float(name[1:]), 1.0] for name in names]


def test_one_file_stays_as_it_is(tmp_path):
    joined = join_on_samples([save(tmp_path / "a.h5ad", NAMES, {"X_a": column(NAMES)}, steps=["normalize"])])
    assert joined.shape == (6, 3)
    assert joined.X is not None
    assert [record["step"] for record in read_records(joined)] == ["normalize"]


def test_joins_embeddings_columns_models_and_provenance_in_the_first_order(tmp_path):
    shuffled = NAMES[::-1]
    a = save(tmp_path / "a.h5ad", NAMES, {"X_a": column(NAMES)}, steps=["normalize", "encode"],
             models={"X_a": {"sha256": "1"}})  # fmt: skip
    b = save(tmp_path / "b.h5ad", shuffled, {"X_b": column(shuffled)}, extra={"clrna_label": shuffled},
             steps=["normalize", "baseline"], models={"X_b": {"sha256": "2"}}, genes=2)  # fmt: skip
    joined = join_on_samples([a, b])
    assert list(joined.obs_names) == NAMES
    assert joined.n_vars == 3
    assert joined.obsm["X_b"][:, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert joined.obs["clrna_label"].tolist() == NAMES
    assert [record["step"] for record in read_records(joined)] == ["normalize", "encode", "baseline"]
    assert set(joined.uns["clrna"]["models"]) == {"X_a", "X_b"}
    write_h5ad(joined, tmp_path / "c.h5ad")


def test_without_values_nothing_of_the_genes_is_read(tmp_path):
    joined = join_on_samples([save(tmp_path / "a.h5ad", NAMES, {"X_a": column(NAMES)})], values=False)
    assert joined.X is None
    assert joined.obsm["X_a"].shape == (6, 2)


def test_takes_the_shared_samples_and_says_how_many(tmp_path, clrna_log):
    a = save(tmp_path / "a.h5ad", NAMES[:4], {"X_a": column(NAMES[:4])})
    b = save(tmp_path / "b.h5ad", NAMES[2:], {"X_b": column(NAMES[2:])})
    joined = join_on_samples([a, b])
    assert list(joined.obs_names) == ["S2", "S3"]
    assert joined.obsm["X_b"][:, 0].tolist() == [2, 3]
    assert "2 of 4 samples" in clrna_log.text


def test_says_when_a_column_differs_and_keeps_the_first(tmp_path, clrna_log):
    a = save(tmp_path / "a.h5ad", NAMES, {}, extra={"split": "train"})
    b = save(tmp_path / "b.h5ad", NAMES, {}, extra={"split": "test"})
    assert set(join_on_samples([a, b]).obs["split"]) == {"train"}
    assert "obs['split'] differs" in clrna_log.text


def test_the_same_embedding_twice_is_no_contradiction(tmp_path):
    first = column(NAMES)
    first[0][0] = float("nan")
    a, b = (save(tmp_path / f"{name}.h5ad", NAMES, {"X_a": first}) for name in "ab")
    assert list(join_on_samples([a, b]).obsm) == ["X_a"]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"names": ["T1"], "obsm": {}}, ["shares no sample", "a.h5ad", "b.h5ad", "'T1'"]),
        ({"names": NAMES, "obsm": {"X_a": np.zeros((6, 2))}}, ["X_a", "a.h5ad", "b.h5ad", "--key-added"]),
        ({"names": NAMES, "obsm": {"X_a": np.zeros((6, 3))}}, ["X_a", "contradicts"]),
        ({"names": NAMES, "obsm": {}, "study": "B"}, ["study", "6 samples", "'S0' is 'B'"]),
        ({"names": NAMES, "obsm": {}, "models": {"X_a": {"sha256": "2"}}}, ["model behind 'X_a'", "a.h5ad", "b.h5ad"]),
        ({"names": ["S1", "S1"], "obsm": {}}, ["b.h5ad", "not unique", "'S1'"]),
    ],
)
def test_refuses_with_the_files_and_the_key(tmp_path, other, words):
    a = save(tmp_path / "a.h5ad", NAMES, {"X_a": column(NAMES)}, models={"X_a": {"sha256": "1"}})
    b = save(tmp_path / "b.h5ad", **other)
    with pytest.raises(InputError) as error:
        join_on_samples([a, b])
    assert all(word in str(error.value) for word in words), error.value


def test_a_damaged_second_file_is_named(tmp_path):
    a = save(tmp_path / "a.h5ad", NAMES, {})
    b = tmp_path / "b.h5ad"
    b.write_bytes(a.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"b\.h5ad"):
        join_on_samples([a, b])
