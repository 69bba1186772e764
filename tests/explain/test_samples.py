"""The genes of samples: what they add up to, which of them have a say, and that blocks change nothing."""

import dataclasses
import logging

import numpy as np
import pandas as pd
import pytest

from clrna.constants import LABEL, SECOND, STUDY, X_CLRNA
from clrna.encode.files import encode_file
from clrna.encode.options import EncodeOptions
from clrna.explain.files import explaining_file
from clrna.explain.options import ExplainOptions
from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad
from clrna.model.model_file import save_model


@pytest.fixture
def explain(tmp_path, query):
    """Explain samples with a model; the query by default."""

    def call(model, adata=query, **options):
        path = tmp_path / "query.h5ad"
        write_h5ad(adata.copy(), path)
        encoding = EncodeOptions(chunk_size=options.pop("chunk_size", 1024), adapt=options.pop("adapt", "auto"))
        with explaining_file(model, "m", path, ExplainOptions(**options, encoding=encoding)) as tables:
            return pd.concat(tables, ignore_index=True)

    return call


@pytest.fixture
def encoded(tmp_path, query):
    """Encode samples with a model, the query by default; features are the codes, of which labels and genes tell."""

    def call(model, adata=query):
        if model.transfer is not None:
            model = dataclasses.replace(model, transfer=dataclasses.replace(model.transfer, pull=None))
        save_model(model, tmp_path / "m.safetensors")
        write_h5ad(adata.copy(), tmp_path / "given.h5ad")
        encode_file(
            tmp_path / "given.h5ad", tmp_path / "encoded.h5ad", model, tmp_path / "m.safetensors", EncodeOptions()
        )
        return read_h5ad(tmp_path / "encoded.h5ad")

    return call


def sums_of(table):
    """Each sample's sum of contributions with all that stands beside it."""
    return table.groupby("sample", sort=False).agg(
        total=("contribution", "sum"), difference=("difference", "first"), baseline=("baseline", "first"),
        left=("not_measured", "first"), label=("label", "first"), against=("against", "first"),
        study=("study", "first"),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["linear", "deep", "original", "by_study"])
@pytest.mark.parametrize("against", ["others", "second"])
def test_contributions_sum_to_the_difference_of_the_logits_of_the_codes(name, against, explain, encoded, request):
    model = request.getfixturevalue(name)
    table = explain(model, n_genes=0, against=against)
    sums = sums_of(table[table["sample"] != ""])
    adata = encoded(model)
    assert sums.index.tolist() == adata.obs_names.tolist()
    assert sums["study"].tolist() == adata.obs[STUDY].astype(str).tolist()
    assert sums["label"].tolist() == adata.obs[LABEL].astype(str).tolist()
    logits = pd.DataFrame(model.logits(np.asarray(adata.obsm[X_CLRNA])), adata.obs_names, model.classes)
    for sample, row in sums.iterrows():
        own = logits.loc[sample]
        other = own[row["against"]] if against == "second" else own.drop(row["label"]).mean()
        assert row["difference"] == pytest.approx(own[row["label"]] - other, rel=1e-3, abs=2e-3)
    if against == "second":
        assert sums["against"].tolist() == adata.obs[SECOND].astype(str).tolist()
    tolerance = 1e-6 if name == "linear" else 0.01
    wanted = sums["difference"] - sums["baseline"]
    assert (np.abs(sums["total"] + sums["left"] - wanted) <= tolerance * np.abs(wanted) + 1e-5).all()
    assert np.abs(wanted).min() > 0


def test_a_gene_that_the_study_lacks_or_a_value_that_is_missing_has_no_contribution(linear, explain, query):
    lacking = query[:, 60:].copy()
    lacking.X[3, 5] = np.nan
    table = explain(linear, lacking, n_genes=0)
    of_samples = table[table["sample"] != ""]
    assert not set(of_samples["gene"]) & set(query.var_names[:60])
    gone = of_samples[(of_samples["sample"] == query.obs_names[3]) & (of_samples["gene"] == lacking.var_names[5])]
    assert gone.empty
    assert lacking.var_names[5] in set(of_samples["gene"])
    sums = sums_of(of_samples)
    assert (np.abs(sums["left"]) > 1e-3).all()
    assert np.allclose(sums["total"] + sums["left"], sums["difference"] - sums["baseline"], rtol=1e-6, atol=1e-5)
    # What is said of the labels themselves is of the model, whatever the samples lack.
    assert set(query.var_names[:60]) & set(table.loc[table["sample"] == "", "gene"])


def test_the_label_that_is_asked_for_is_told_from_the_best_of_the_others(linear, explain, encoded):
    label = linear.classes[1]
    table = explain(linear, label=label, against="second", n_genes=1)
    assert set(table["label"]) == {label}
    sums, adata = sums_of(table[table["sample"] != ""]), encoded(linear)
    predicted = adata.obs[LABEL].astype(str)
    others = np.where(predicted == label, adata.obs[SECOND].astype(str), predicted)
    assert sums["against"].tolist() == others.tolist()
    assert len(set(others)) > 1


def test_told_from_one_label_its_own_samples_have_no_rows(linear, explain, encoded, caplog):
    caplog.set_level(logging.INFO, "clrna")
    rival = linear.classes[1]
    table = explain(linear, against=rival, n_genes=0, chunk_size=11)
    sums, adata = sums_of(table[table["sample"] != ""]), encoded(linear)
    assert set(table["against"]) == {rival}
    own = (adata.obs[LABEL].astype(str) == rival).to_numpy()
    assert 0 < own.sum() < len(own)
    assert sums.index.tolist() == adata.obs_names[~own].tolist()
    assert f"{own.sum()} samples have the label that --against names, and have no row" in caplog.text
    logits = pd.DataFrame(linear.logits(np.asarray(adata.obsm[X_CLRNA])), adata.obs_names, linear.classes)
    for sample, row in sums.iterrows():
        wanted = logits.loc[sample, row["label"]] - logits.loc[sample, rival]
        assert row["difference"] == pytest.approx(wanted, rel=1e-3, abs=2e-3)
    assert np.allclose(sums["total"] + sums["left"], sums["difference"] - sums["baseline"], rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("name", ["linear", "original"])
def test_blocks_change_nothing(name, explain, request):
    model = request.getfixturevalue(name)
    whole, in_blocks = explain(model, n_genes=5), explain(model, n_genes=5, chunk_size=7)
    pd.testing.assert_frame_equal(whole, in_blocks, rtol=1e-3, atol=1e-3)


def test_a_model_without_means_takes_those_of_the_samples_by_predicted_label(original, explain, encoded, query):
    table = explain(original, n_genes=0)
    labels = table[table["sample"] == ""]
    found = encoded(original).obs[LABEL].astype(str).to_numpy()
    values = np.asarray(query.X, dtype=float)
    there = sorted(set(found))
    assert sorted(set(labels["label"])) == there and len(there) > 1
    label = there[0]
    rest = np.mean([values[found == other].mean(axis=0) for other in there[1:]], axis=0)
    wanted = pd.Series(values[found == label].mean(axis=0) - rest, query.var_names)
    rows = labels[labels["label"] == label].set_index("gene")
    assert np.allclose(rows["value"], wanted[rows.index], atol=1e-4)


def test_samples_one_at_a_time_are_explained_as_together_where_nothing_is_adapted(linear, explain, query):
    together = explain(linear, adapt="none", n_genes=3)
    alone = explain(linear, query[[8]].copy(), adapt="none", n_genes=3)
    own = together[together["sample"] == query.obs_names[8]].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, alone[alone["sample"] != ""].reset_index(drop=True), rtol=1e-4)
