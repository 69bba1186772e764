"""Joining files on sample names: what is kept, and what is refused."""

import logging

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.errors import InputError
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.io.metadata.join import join_on_samples
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


def test_studies_encoded_one_by_one_are_stacked_beside_a_file_of_all(tmp_path, clrna_log):
    every = save(tmp_path / "all.h5ad", NAMES, {"X_pca": column(NAMES)}, extra={"split": "train"})
    a = save(tmp_path / "a.h5ad", NAMES[4:], {"X_c": column(NAMES[4:])}, extra={"seen": True, "split": "test"},
             models={"X_c": {"sha256": "1", "studies": np.array(["A"]), "study_samples": np.array([2])}})  # fmt: skip
    b = save(tmp_path / "b.h5ad", NAMES[1:4], {"X_c": column(NAMES[1:4])}, extra={"seen": False},
             models={"X_c": {"sha256": "1", "studies": np.array(["B"]), "study_samples": np.array([3])}})  # fmt: skip
    joined = join_on_samples([every, a, b])
    assert list(joined.obs_names) == NAMES[1:]
    assert joined.obsm["X_c"][:, 0].tolist() == [1, 2, 3, 4, 5]
    assert joined.obsm["X_pca"][:, 0].tolist() == [1, 2, 3, 4, 5]
    assert joined.obs["seen"].dtype == bool
    assert joined.obs["seen"].tolist() == [False, False, False, True, True]
    assert set(joined.obs["split"]) == {"train"}
    assert "5 of 6 samples" in clrna_log.text
    model = joined.uns["clrna"]["models"]["X_c"]
    assert (model["studies"].tolist(), model["study_samples"].tolist()) == (["A", "B"], [2, 3])
    write_h5ad(joined, tmp_path / "joined.h5ad")


def test_stacked_without_a_file_of_all_the_values_stand_on_the_shared_genes(tmp_path):
    a = save(tmp_path / "a.h5ad", NAMES[:2], {"X_c": column(NAMES[:2])}, extra={"tissue": "Lung"}, genes=3)
    b = save(tmp_path / "b.h5ad", NAMES[2:], {"X_c": column(NAMES[2:])}, extra={"tissue": "Skin"}, study="B", genes=2)
    joined = join_on_samples([a, b])
    assert joined.shape == (6, 2)
    assert joined.X.shape == (6, 2)
    assert joined.obs["study"].tolist() == ["A"] * 2 + ["B"] * 4
    assert joined.obs["tissue"].tolist() == ["Lung"] * 2 + ["Skin"] * 4
    assert joined.obsm["X_c"][:, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert join_on_samples([a, b], values=False).obs.equals(joined.obs)


def test_a_sample_in_two_stacked_files_must_have_the_same_numbers(tmp_path):
    a = save(tmp_path / "a.h5ad", NAMES[:3], {"X_c": column(NAMES[:3])})
    b = save(tmp_path / "b.h5ad", NAMES[3:], {"X_c": column(NAMES[3:])})
    c = save(tmp_path / "c.h5ad", NAMES[2:4], {"X_c": column(NAMES[2:4])})
    assert list(join_on_samples([a, b, c]).obs_names) == NAMES
    d = save(tmp_path / "d.h5ad", NAMES[3:4], {"X_c": [[9.0, 1.0]]})
    with pytest.raises(InputError, match=r"d\.h5ad: obsm\['X_c'\] contradicts that of .*b\.h5ad"):
        join_on_samples([a, b, d])
    e = save(tmp_path / "e.h5ad", ["T1"], {"X_c": [[9.0]]})
    with pytest.raises(InputError, match=r"e\.h5ad.*contradicts"):
        join_on_samples([a, e])


def test_a_copy_has_its_originals_donor_only_where_files_were_merged(tmp_path):
    extra = {"donor": ["D1", "D1"], "copy_of": ["", "S0"]}
    merged = save(tmp_path / "merged.h5ad", NAMES[:2], {"X_pca": column(NAMES[:2])}, extra=extra)
    alone = save(tmp_path / "alone.h5ad", NAMES[1:2], {"X_c": column(NAMES[1:2])}, extra={"donor": ["D2"]})
    assert join_on_samples([merged, alone], same_columns=["donor"]).obs["donor"].tolist() == ["D1"]
    extra["copy_of"] = ["", ""]
    plain = save(tmp_path / "plain.h5ad", NAMES[:2], {"X_pca": column(NAMES[:2])}, extra=extra)
    with pytest.raises(InputError, match=r"obs\['donor'\] contradicts"):
        join_on_samples([plain, alone], same_columns=["donor"])


def save_panels(tmp_path, names=("S0", "S1")):
    """Two studies that measured the same cell lines, each by itself, and merged, where the names are told apart."""
    parts = [
        save(
            tmp_path / f"{study}.h5ad",
            list(names),
            {"X_c": [[at, number] for number in range(len(names))]},
            study=study,
        )
        for at, study in enumerate("AB")
    ]
    both = [f"{study}.{name}" for study in "AB" for name in names]
    merged = save(tmp_path / "merged.h5ad", both, {"X_pca": np.arange(len(both))[:, None]},
                  study=np.repeat(["A", "B"], len(names)))  # fmt: skip
    return merged, parts


@pytest.mark.parametrize("values", [True, False])
def test_samples_that_merging_renamed_are_found_under_their_short_names(tmp_path, clrna_log, values):
    merged, parts = save_panels(tmp_path)
    joined = join_on_samples([merged, *parts], values=values)
    assert list(joined.obs_names) == ["A.S0", "A.S1", "B.S0", "B.S1"]
    assert joined.obsm["X_c"].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert joined.obsm["X_pca"][:, 0].tolist() == [0, 1, 2, 3]
    assert "left out" not in clrna_log.text
    assert list(join_on_samples([*parts[::-1], merged], values=values).obs_names) == ["B.S0", "B.S1", "A.S0", "A.S1"]


def test_studies_that_name_samples_alike_are_told_apart_when_stacked(tmp_path, clrna_log):
    _, parts = save_panels(tmp_path, ("S0", "S1"))
    joined = join_on_samples(parts)
    assert list(joined.obs_names) == ["A.S0", "A.S1", "B.S0", "B.S1"]
    assert joined.X.shape == (4, 3)
    assert joined.obs["study"].tolist() == ["A", "A", "B", "B"]
    assert "2 sample names stand in several studies (S0, S1)" in clrna_log.text


def test_a_short_name_that_the_other_file_has_as_well_is_another_sample(tmp_path):
    a = save(tmp_path / "a.h5ad", ["S0", "A.S0"], {"X_a": [[0], [1]]})
    b = save(tmp_path / "b.h5ad", ["A.S0", "S0"], {"X_b": [[1], [0]]})
    joined = join_on_samples([a, b])
    assert joined.obsm["X_a"].tolist() == joined.obsm["X_b"].tolist() == [[0], [1]]
    c = save(tmp_path / "c.h5ad", ["A.S0"], {"X_b": [[1]]})
    assert list(join_on_samples([a, c]).obs_names) == ["A.S0"]
