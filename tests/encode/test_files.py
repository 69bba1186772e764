"""From file to file: what is added, what is kept, and that blocks on disk give what arrays in memory give."""

import dataclasses
import json
import logging

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from clrna.constants import (
    CONFIDENCE,
    DISTANCE,
    DONOR,
    LABEL,
    MARGIN,
    SCALE,
    SECOND,
    SEEN,
    STUDY,
    UNCERTAIN,
    UNLIKE_TRAINING,
)
from clrna.encode.arrays import encode_array
from clrna.encode.elements import write_elem
from clrna.encode.files import encode_file
from clrna.encode.names import names_for
from clrna.encode.options import EncodeOptions
from clrna.errors import InputError, UsageError
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.io.provenance import read_records, sha256_of
from clrna.model.model_file import save_model

TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture
def encode(model, model_path, tmp_path):
    """Encode an AnnData or a file and return the result, read back."""

    def call(given, target="encoded.h5ad", by=None, **options):
        path = given
        if isinstance(given, anndata.AnnData):
            path = tmp_path / "given.h5ad"
            write_h5ad(given.copy(), path)
        encode_file(path, tmp_path / target, by or model, model_path, EncodeOptions(**options))
        return anndata.read_h5ad(tmp_path / target)

    return call


def nullable_text():
    """Let anndata write nullable text; skips where it is too old to do so."""
    settings = getattr(anndata, "settings", None)
    if not hasattr(settings, "allow_write_nullable_strings"):
        pytest.skip("this anndata does not write nullable text: that it is rewritten was not checked")
    return settings.override(allow_write_nullable_strings=True)


def expected(model, adata, **settings):
    return encode_array(model, np.asarray(adata.X), adata.obs[STUDY].astype(str).to_numpy(), **settings)


@pytest.mark.parametrize("adapt", ["study", "none"])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix], ids=["dense", "csr", "csc"])
@pytest.mark.parametrize("chunk_size", [7, 1024])
def test_the_file_gives_what_the_array_gives(encode, model, query, adapt, form, chunk_size):
    result = expected(model, query, adapt=adapt)
    query.X = form(query.X)
    out = encode(query, adapt=adapt, chunk_size=chunk_size)
    np.testing.assert_allclose(out.obsm["X_clrna"], result.codes, **TOLERANCE)
    assert out.obs[LABEL].tolist() == result.label.tolist()
    np.testing.assert_allclose(out.obs[CONFIDENCE], result.confidence, **TOLERANCE)
    np.testing.assert_allclose(out.obs[DISTANCE], result.distance, **TOLERANCE)
    assert out.obs[UNLIKE_TRAINING].tolist() == result.unlike_training.tolist()


def test_types_are_those_of_the_contract(encode, query, model):
    out = encode(query)
    assert out.obsm["X_clrna"].dtype == np.float32
    assert out.obsm["X_clrna"].shape == (query.n_obs, model.latent_dim)
    assert out.obs[LABEL].dtype == "category"
    assert set(out.obs[LABEL].cat.categories) <= set(model.classes)
    assert out.obs[CONFIDENCE].dtype == np.float32
    assert out.obs[UNLIKE_TRAINING].dtype == bool
    assert out.obs[SEEN].dtype == "category"
    assert (out.obs_names == query.obs_names).all()


def test_genes_in_any_order_and_identifier_give_the_same_codes(encode, model, query):
    result = expected(model, query).codes
    order = np.random.default_rng(8).permutation(query.n_vars)
    for name in ("ensembl_id", "entrez_id"):
        other = query[:, order].copy()
        other.var_names = (other.var[name].astype(str) + (".7" if name == "ensembl_id" else "")).to_numpy()
        np.testing.assert_allclose(encode(other).obsm["X_clrna"], result, **TOLERANCE)


def test_genes_that_the_model_lacks_and_copies_of_genes_change_nothing(encode, model, query):
    result = expected(model, query).codes
    extra = query[:, :30].copy()
    extra.var_names = [f"NOGENE{i}" for i in range(30)]
    copies = query[:, :10].copy()
    copies.var_names = copies.var["ensembl_id"].astype(str)
    wide = anndata.concat([extra, query, copies], axis=1, merge="same")
    wide.obs = query.obs
    np.testing.assert_allclose(encode(wide).obsm["X_clrna"], result, **TOLERANCE)


def test_missing_genes_are_the_training_mean(encode, model, query):
    kept = query[:, 24:].copy()
    whole = np.asarray(query.X).copy()
    whole[:, :24] = model.mean[:24]
    for adapt in ("study", "none"):
        result = encode_array(model, whole, query.obs[STUDY].astype(str).to_numpy(), adapt=adapt).codes
        out = encode(kept, adapt=adapt)
        np.testing.assert_allclose(out.obsm["X_clrna"], result, **TOLERANCE)
    entry = out.uns["clrna"]["models"]["X_clrna"]
    assert entry["coverage"] == pytest.approx(0.9)
    assert entry["missing_genes"].tolist() == model.genes.index[:24].tolist()


def test_too_few_genes_are_refused(encode, query, tmp_path):
    with pytest.raises(InputError, match=r"given\.h5ad: has 180 of the model's 240 genes \(75.0%\)"):
        encode(query[:, :180].copy())
    assert not (tmp_path / "encoded.h5ad").exists()
    assert encode(query[:, :180].copy(), min_coverage=0.5).n_vars == 180


def test_a_layer_in_place_of_x(encode, model, query):
    result = expected(model, query).codes
    query.layers["values"] = sparse.csr_matrix(query.X)
    query.X = np.zeros_like(query.X)
    np.testing.assert_allclose(encode(query, layer="values").obsm["X_clrna"], result, **TOLERANCE)


def test_everything_else_is_kept_as_it_is(encode, query, query_path, tmp_path):
    query.obs["note"] = pd.Categorical(["a/b", "ü"] * 36)
    query.obs["age"] = np.arange(72)
    query.obsm["X_other"] = np.ones((72, 2))
    query.obsp["graph"] = sparse.eye(72, format="csr")
    query.varm["loadings"] = np.ones((query.n_vars, 2))
    query.layers["counts"] = sparse.csc_matrix(np.rint(query.X))
    query.raw = query[:, :5].copy()
    query.uns["mine"] = {"deep": {"text": "kept", "numbers": np.arange(3)}}
    query.uns["clrna"] = {"other": "kept", "models": {"X_older": {"sha256": "1"}}}
    write_h5ad(query.copy(), query_path)
    encode(query_path)
    with h5py.File(query_path) as before, h5py.File(tmp_path / "encoded.h5ad") as after:
        compared = []

        def compare(where, item):
            if where.startswith("uns/clrna/provenance"):
                return
            assert where in after, where
            differing = [name for name in item.attrs if not np.array_equal(item.attrs[name], after[where].attrs[name])]
            assert differing in ([], ["column-order"]), where
            if isinstance(item, h5py.Dataset):
                np.testing.assert_array_equal(item[()], after[where][()])
                compared.append(where)

        before.visititems(compare)
        assert len(compared) > 30
        order = before["obs"].attrs["column-order"].tolist()
        assert after["obs"].attrs["column-order"].tolist()[: len(order)] == order
    out = anndata.read_h5ad(tmp_path / "encoded.h5ad")
    assert out.raw.shape == (72, 5)
    assert set(out.uns["clrna"]["models"]) == {"X_older", "X_clrna"}
    assert out.uns["clrna"]["other"] == "kept"


def test_encodings_are_those_of_anndata_0_8(encode, query, tmp_path):
    encode(query, reconstruct=True)
    kinds = set()

    def collect(where, item):
        kind, version = item.attrs.get("encoding-type"), item.attrs.get("encoding-version")
        assert kind is not None, where
        kinds.add((kind, version))

    with h5py.File(tmp_path / "encoded.h5ad") as file:
        file.visititems(collect)
        assert file["obsm/X_clrna"].attrs["encoding-type"] == "array"
        assert file["layers/clrna_reconstruction"].attrs["encoding-type"] == "array"
        assert file["obs/clrna_label"].attrs["encoding-type"] == "categorical"
        assert file["obs/clrna_unlike_training"].dtype == bool
    assert kinds <= {
        ("array", "0.2.0"),
        ("string-array", "0.2.0"),
        ("categorical", "0.2.0"),
        ("dataframe", "0.2.0"),
        ("dict", "0.1.0"),
        ("string", "0.2.0"),
        ("numeric-scalar", "0.2.0"),
    }


def test_what_old_readers_do_not_know_is_rewritten(encode, query, query_path):
    """Newer programs leave None and nullable text, which anndata 0.10 cannot read."""
    text = pd.array(["a", None, "b"] * 24, dtype="string")
    with h5py.File(query_path, "r+") as file, nullable_text():
        write_elem(file, "uns/nothing", None)
        write_elem(file["obs"], "text", text)
        file["obs"].attrs["column-order"] = [*file["obs"].attrs["column-order"], "text"]
        assert file["obs/text"].attrs["encoding-type"] == "nullable-string-array"
    out = encode(query_path)
    assert "nothing" not in out.uns
    assert out.obs["text"].dtype == "category"
    assert out.obs["text"].isna().sum() == 24


def test_names_of_nullable_text_become_plain(encode, query, query_path):
    with h5py.File(query_path, "r+") as file, nullable_text():
        for frame, names in (("obs", query.obs_names), ("var", query.var_names)):
            del file[f"{frame}/_index"]
            write_elem(file[frame], "_index", pd.array(names, dtype="string"))
    assert (encode(query_path).obs_names == query.obs_names).all()


def test_a_file_with_nothing_but_the_three_parts(encode, model, query, query_path):
    with h5py.File(query_path, "r+") as file:
        for name in set(file) - {"X", "obs", "var"}:
            del file[name]
        for name in list(file.attrs):
            del file.attrs[name]
    out = encode(query_path, reconstruct=True)
    np.testing.assert_allclose(out.obsm["X_clrna"], expected(model, query).codes, **TOLERANCE)
    assert "clrna_reconstruction" in out.layers
    assert "X_clrna" in out.uns["clrna"]["models"]


@pytest.mark.filterwarnings("ignore::anndata.OldFormatWarning")
def test_a_file_of_anndata_0_7_keeps_its_columns(encode, model, query, query_path):
    """Its categories stand apart, and the codes point to them by an HDF5 reference."""
    result = expected(model, query).codes
    with h5py.File(query_path, "r+") as file:
        obs = file["obs"]
        obs.attrs["encoding-version"] = "0.1.0"
        for name in obs.attrs["column-order"].tolist():
            codes, categories = obs[f"{name}/codes"][()], obs[f"{name}/categories"].asstr()[()]
            del obs[name]
            obs[name] = codes
            obs[f"__categories/{name}"] = categories
            obs[name].attrs["categories"] = obs[f"__categories/{name}"].ref
    out = encode(query_path)
    np.testing.assert_allclose(out.obsm["X_clrna"], result, **TOLERANCE)
    assert out.obs[STUDY].tolist() == query.obs[STUDY].tolist()
    assert out.obs[LABEL].notna().all()


def test_a_file_of_anndata_before_0_7_is_refused_with_the_mend(encode, query_path):
    with h5py.File(query_path, "r+") as file:
        del file["obs"]
        file["obs"] = np.array([(b"s1", 1)] * 72, dtype=[("index", "S2"), ("study", "i4")])
    with pytest.raises(InputError, match=r"query\.h5ad: was written by anndata before 0\.7; read and write it once"):
        encode(query_path)


def test_the_same_input_gives_the_same_bytes(model, model_path, query_path, tmp_path):
    for name in ("one.h5ad", "two.h5ad"):
        encode_file(query_path, tmp_path / name, model, model_path, EncodeOptions(reconstruct=True))
    assert sha256_of(tmp_path / "one.h5ad") == sha256_of(tmp_path / "two.h5ad")


def test_an_encoded_file_can_be_encoded_again(encode, query, tmp_path):
    first = encode(query, "first.h5ad", reconstruct=True)
    again = encode(tmp_path / "first.h5ad", "again.h5ad", reconstruct=True)
    np.testing.assert_array_equal(first.obsm["X_clrna"], again.obsm["X_clrna"])
    assert first.obs.columns.tolist() == again.obs.columns.tolist()
    size = {name: (tmp_path / name).stat().st_size for name in ("first.h5ad", "again.h5ad")}
    assert size["again.h5ad"] < 1.5 * size["first.h5ad"]


def test_the_reconstruction_stands_in_the_input_s_genes(encode, model, query):
    result = expected(model, query, reconstruct=True).reconstruction
    extra = query[:, :3].copy()
    extra.var_names = ["NOGENE1", "NOGENE2", "NOGENE3"]
    order = np.random.default_rng(8).permutation(query.n_vars)
    wide = anndata.concat([extra, query[:, order]], axis=1, merge="same")
    wide.obs = query.obs
    layer = encode(wide, reconstruct=True).layers["clrna_reconstruction"]
    assert layer.dtype == np.float32
    assert np.isnan(layer[:, :3]).all()
    np.testing.assert_allclose(layer[:, 3:], result[:, order], rtol=1e-3, atol=1e-4)


def test_what_the_model_has_seen_is_told_for_each_sample(encode, model, studies):
    out = encode(studies)
    assert (out.obs.loc[out.obs[STUDY].isin(model.training_studies), SEEN] == "study").all()
    training = set(studies.obs.loc[studies.obs[STUDY].isin(model.training_studies), DONOR])
    others = out.obs[~out.obs[STUDY].isin(model.training_studies)]
    assert (others[SEEN] == np.where(others[DONOR].isin(training), "donor", "unseen")).all()
    assert set(out.obs[SEEN]) == {"study", "donor", "unseen"}


def test_without_donors_only_studies_are_known(encode, query):
    del query.obs[DONOR]
    assert set(encode(query).obs[SEEN]) == {"unseen"}


def test_what_was_done_is_recorded(encode, model, model_path, query):
    query.uns["clrna"] = {"provenance": np.array([json.dumps({"step": "normalize", "seed": 9})], dtype=object)}
    out = encode(query, adapt_min_samples=30)
    entry = out.uns["clrna"]["models"]["X_clrna"]
    assert entry["sha256"] == sha256_of(model_path)
    assert entry["classes"].tolist() == model.classes
    assert entry["training_studies"].tolist() == ["SIM1", "SIM2"]
    assert entry["preset"] == "default"
    assert entry["adapt"] == "auto"
    assert entry["studies"].tolist() == ["SIM3", "SIM4"]
    assert entry["study_standardized_by"].tolist() == ["own statistics"] * 2
    assert entry["study_scale_used"].tolist() == ["log2_tpm1"] * 2
    assert entry["columns"]["label"] == LABEL
    records = read_records(out)
    steps = [(record["step"], record["seed"]) for record in records]
    assert steps == [("normalize", 9), ("train", 2), ("encode", None)]
    assert records[-1]["facts"]["adapt"]["SIM3"].startswith("own statistics: 36 samples")
    assert [given["name"] for given in records[-1]["inputs"]] == ["given.h5ad", "model.safetensors"]
    assert str(model_path.parent) not in json.dumps(records)


def test_small_studies_fall_to_the_training_statistics_and_that_is_recorded(encode, query):
    out = encode(query[np.r_[:20, 71]].copy(), adapt_min_samples=1000)
    entry = out.uns["clrna"]["models"]["X_clrna"]
    assert set(entry["study_standardized_by"]) == {"training statistics"}
    assert "fewer than --adapt-min-samples 1000" in entry["study_reason"][0]


def test_one_sample_alone(encode, model, query):
    out = encode(query[:1].copy())
    result = expected(model, query, adapt="none")
    np.testing.assert_allclose(out.obsm["X_clrna"][0], result.codes[0], **TOLERANCE)
    assert out.obs[LABEL].tolist() == result.label[:1].tolist()


def test_an_empty_obs_is_one_study_named_after_the_file(encode, model, query, caplog):
    whole = encode_array(model, np.asarray(query.X), np.full(72, "x", dtype=object))
    query.obs = query.obs[[]]
    with caplog.at_level(logging.INFO, logger="clrna"):
        out = encode(query, input_scale="log2_tpm1")
    np.testing.assert_allclose(out.obsm["X_clrna"], whole.codes, **TOLERANCE)
    assert "no column 'study'" in caplog.text
    assert out.uns["clrna"]["models"]["X_clrna"]["studies"].tolist() == ["given"]


def test_samples_without_a_study_take_the_training_statistics(encode, model, query):
    names = query.obs[STUDY].astype(str).to_numpy()
    names[:5] = ""
    result = encode_array(model, np.asarray(query.X), names)
    query.obs[STUDY] = pd.Categorical(pd.Series(names, dtype=object).replace("", None))
    np.testing.assert_allclose(encode(query).obsm["X_clrna"], result.codes, **TOLERANCE)


def test_values_that_are_not_finite_are_filled_and_told(encode, model, query, caplog):
    query.X[2, 3] = np.nan
    query.X[5, 7] = -np.inf
    with caplog.at_level(logging.INFO, logger="clrna"):
        out = encode(query)
    assert np.isfinite(out.obsm["X_clrna"]).all()
    assert "values 2 are not finite" in caplog.text
    assert str(query.var_names[3]) in caplog.text
    assert out.uns["clrna"]["models"]["X_clrna"]["values_filled"] == 2


def test_a_sample_of_nothing_but_missing_values_is_named(encode, query):
    query.X[2] = np.nan
    with pytest.raises(InputError, match=query.obs_names[2]):
        encode(query)


def test_several_models_stand_side_by_side(encode, make_model, model, training, query, tmp_path):
    encode(query, "one.h5ad")
    other = make_model(training, standardize="genes", center_weight=3.0)
    save_model(other, tmp_path / "other.safetensors")
    out = encode(tmp_path / "one.h5ad", "two.h5ad", by=other, key_added="X_small", reconstruct=True)
    np.testing.assert_allclose(out.obsm["X_clrna"], expected(model, query).codes, **TOLERANCE)
    np.testing.assert_allclose(out.obsm["X_small"], expected(other, query).codes, **TOLERANCE)
    for column in ("label", "confidence", "unlike_training", "distance", "seen"):
        assert f"small_{column}" in out.obs
        assert f"clrna_{column}" in out.obs
    assert "small_reconstruction" in out.layers
    assert set(out.uns["clrna"]["models"]) == {"X_clrna", "X_small"}
    assert encode(tmp_path / "two.h5ad", "three.h5ad", by=other, key_added="X_small").n_obs == 72


def test_results_never_replace_what_somebody_else_wrote(encode, query):
    query.obsm["X_pca"] = np.ones((72, 2))
    with pytest.raises(UsageError, match="obsm/X_pca"):
        encode(query, key_added="X_pca")
    query.obs["my_label"] = "mine"
    with pytest.raises(UsageError, match="obs/my_label"):
        encode(query, key_added="X_my")


def test_the_default_key_is_no_exception(encode, query):
    query.obs["clrna_label"] = "curated by hand"
    with pytest.raises(UsageError, match=r"obs/clrna_label, which CLRNA did not write"):
        encode(query)


def test_what_clrna_wrote_is_replaced(encode, query):
    once = encode(query)
    del once.uns["clrna"]["models"]  # as merging files with different models leaves them
    again = encode(once)
    np.testing.assert_array_equal(again.obsm["X_clrna"], once.obsm["X_clrna"])


@pytest.mark.parametrize("key", ["", "X_", "a/b", "clrna", ".", "X_a/b"])
def test_keys_that_cannot_be_used(key):
    with pytest.raises(UsageError, match="--key-added"):
        names_for(key)


def test_the_names_of_the_contract():
    names = names_for("X_clrna")
    assert (names.label, names.confidence, names.unlike_training) == (LABEL, CONFIDENCE, UNLIKE_TRAINING)
    assert (names.distance, names.seen, names.reconstruction) == (DISTANCE, SEEN, "clrna_reconstruction")
    assert (names.second, names.margin, names.uncertain) == (SECOND, MARGIN, UNCERTAIN)
    assert dataclasses.asdict(names_for("codes"))["label"] == "codes_label"


def test_second_label_margin_and_doubt_follow_from_the_probabilities(encode, model, query):
    out = encode(query)
    probabilities = model.probabilities(out.obsm["X_clrna"]).astype(float)
    order = np.argsort(-probabilities, axis=1)
    first, second = (np.take_along_axis(probabilities, order[:, [at]], axis=1)[:, 0] for at in (0, 1))
    assert out.obs[LABEL].astype(str).tolist() == [model.classes[at] for at in order[:, 0]]
    assert out.obs[SECOND].astype(str).tolist() == [model.classes[at] for at in order[:, 1]]
    np.testing.assert_allclose(out.obs[MARGIN], np.log(first / second), rtol=1e-3, atol=1e-4)
    assert (out.obs[UNCERTAIN] == (out.obs[CONFIDENCE] < 0.5)).all()
    assert out.obs[UNCERTAIN].dtype == bool


def test_a_model_without_classes_gives_no_labels(encode, make_model, training, query):
    model = dataclasses.replace(make_model(training, classification_weight=0), classes=[])
    model.network.classifier = None
    out = encode(query, by=model)
    assert LABEL not in out.obs
    assert CONFIDENCE not in out.obs
    assert not {SECOND, MARGIN, UNCERTAIN} & set(out.obs)
    assert DISTANCE in out.obs


def test_a_model_for_which_adapting_means_nothing_says_so(encode, make_model, training, query, caplog):
    with caplog.at_level(logging.INFO, logger="clrna"):
        encode(query, by=make_model(training, standardize="genes"))
    assert "--adapt has no effect" in caplog.text


@pytest.mark.parametrize("way", ["obs", "x"])
def test_parts_of_different_size_are_refused(encode, query_path, way):
    with h5py.File(query_path, "r+") as file:
        if way == "x":
            values = file["X"][:-1]
            del file["X"]
            file["X"] = values
        else:
            names = file["obs/_index"][:-1]
            del file["obs/_index"]
            write_elem(file["obs"], "_index", np.array([n.decode() for n in names], dtype=object))
    with pytest.raises(InputError, match=r"query\.h5ad: "):
        encode(query_path)


def test_scale_column_per_study_is_used(encode, model, query):
    """A study in natural logarithms is turned into the model's log2; the other stays."""
    result = expected(model, query, adapt="none").codes
    own = (query.obs[STUDY] == "SIM4").to_numpy()
    query.X[own] *= np.log(2).astype(np.float32)
    query.obs[SCALE] = pd.Categorical(np.where(own, "ln_tpm1", "log2_tpm1"))
    out = encode(query, adapt="none")
    np.testing.assert_allclose(out.obsm["X_clrna"], result, rtol=1e-3, atol=1e-4)
