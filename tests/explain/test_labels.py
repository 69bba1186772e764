"""The genes of labels, from what a model keeps."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from clrna.errors import InputError, UsageError
from clrna.explain.class_inputs import ClassInputs, class_inputs_of_model, training_mean
from clrna.explain.files import explain_model
from clrna.explain.labels import label_rows
from clrna.explain.logit_path import Contributions, LogitPath
from clrna.explain.options import ExplainOptions
from clrna.explain.table import gene_rows, genes_tsv
from clrna.results.gene_table import COLUMNS

ALL = ExplainOptions(n_genes=0)


@pytest.mark.parametrize("name", ["linear", "deep", "by_study"])
def test_the_genes_of_each_label_sum_to_what_tells_its_mean_from_the_others(name, request):
    model = request.getfixturevalue(name)
    table = explain_model(model, "m", ALL)
    means = class_inputs_of_model(model)
    logits = model.logits(model.encode(means.astype(np.float32)))
    for number, label in enumerate(model.classes):
        rows = table[table["label"] == label]
        rest = [other for other in range(len(model.classes)) if other != number]
        at_others = model.logits(model.encode(means[rest].mean(axis=0, keepdims=True).astype(np.float32)))[0]
        difference = logits[number, number] - logits[number, rest].mean()
        baseline = at_others[number] - at_others[rest].mean()
        assert rows["difference"].iloc[0] == pytest.approx(difference, rel=1e-3, abs=1e-3)
        assert rows["baseline"].iloc[0] == pytest.approx(baseline, rel=1e-3, abs=1e-3)
        assert rows["contribution"].sum() == pytest.approx(difference - baseline, rel=0.011, abs=1e-3)
        assert (rows["not_measured"] == 0).all()
        assert (rows[["sample", "study"]] == "").all(axis=None)


@pytest.mark.parametrize("name", ["linear", "deep"])
def test_against_one_label_they_sum_to_what_tells_the_two_means_apart(name, request):
    model = request.getfixturevalue(name)
    table = explain_model(model, "m", ExplainOptions(n_genes=0, against=model.classes[1]))
    logits = model.logits(model.encode(class_inputs_of_model(model).astype(np.float32)))
    assert list(dict.fromkeys(table["label"])) == [model.classes[0], model.classes[2]]
    assert set(table["against"]) == {model.classes[1]}
    for number in (0, 2):
        rows = table[table["label"] == model.classes[number]]
        assert rows["difference"].iloc[0] == pytest.approx(logits[number, number] - logits[number, 1], rel=1e-3)
        assert rows["baseline"].iloc[0] == pytest.approx(logits[1, number] - logits[1, 1], rel=1e-3)
        apart = rows["difference"].iloc[0] - rows["baseline"].iloc[0]
        assert rows["contribution"].sum() == pytest.approx(apart, rel=1e-6 if name == "linear" else 0.011)


def test_a_gene_that_makes_the_label_stands_first(training, linear):
    """One gene is 0 but in one tissue: it comes first there."""
    from tests.encode.placed_models import fit_default

    marked = training.copy()
    own = (marked.obs["tissue"] == linear.classes[1]).to_numpy()
    marked.X[:, 5] = np.where(own, 12.0, 0.0)
    table = explain_model(fit_default(marked).model, "m", ExplainOptions(n_genes=3))
    first = table[(table["label"] == linear.classes[1]) & (table["direction"] == "for")].iloc[0]
    assert first["gene"] == marked.var_names[5]
    assert first["value"] > 0
    assert first["rank"] == 1


def test_rows_come_in_order_with_at_most_so_many_genes(linear):
    table = explain_model(linear, "m", ExplainOptions(n_genes=4, label=linear.classes[2]))
    assert list(table.columns) == list(COLUMNS)
    assert set(table["label"]) == {linear.classes[2]}
    assert table["direction"].tolist() == ["for"] * 4 + ["against"] * 4
    assert table["rank"].tolist() == [1, 2, 3, 4] * 2
    assert (np.diff(table["contribution"][:4]) <= 0).all() and (table["contribution"][:4] > 0).all()
    assert (np.diff(table["contribution"][4:]) >= 0).all() and (table["contribution"][4:] < 0).all()
    symbols = linear.genes["ensembl_id"]
    assert table["ensembl_id"].tolist() == symbols.loc[table["gene"]].tolist()
    assert set(table["against"]) == {"all others"}


def test_a_gene_that_was_not_measured_or_adds_nothing_has_no_row():
    genes = pd.DataFrame({"ensembl_id": ["E1", "E2", "E3"]}, index=["A", "B", "C"])
    one = np.array([[1.0, 0.0, 4.0]])
    found = Contributions(one, one, np.array([7.0]), np.array([2.0]), np.zeros(1))
    about = {"label": ["L"], "against": ["M"], "sample": ["s"], "study": ["S"]}
    table = gene_rows(found, np.array([[True, True, False]]), genes, 0, about)
    assert genes_tsv(table) == (
        "label\tagainst\tsample\tstudy\tdirection\trank\tgene\tensembl_id\tcontribution\tvalue\tdifference\tbaseline"
        "\tnot_measured\nL\tM\ts\tS\tfor\t1\tA\tE1\t1\t1\t7\t2\t4\n"
    )


def test_means_of_classes_are_those_of_measured_values(linear):
    means = ClassInputs(3, 2)
    inputs = np.array([[1.0, 2.0], [3.0, 100.0], [5.0, 6.0]])
    measured = np.array([[True, True], [True, False], [True, True]])
    means.update(inputs[:2], measured[:2], np.array([2, 2]))
    means.update(inputs[2:], measured[2:], np.array([0]))
    assert means.seen.tolist() == [True, False, True]
    assert means.means[[0, 2]].tolist() == [[5, 6], [2, 2]]
    assert np.isnan(means.means[1]).all()
    padded = np.full((3, linear.n_genes), np.nan)
    padded[:, :2] = means.means
    table = label_rows(linear, LogitPath(linear), padded, None, 0)
    assert list(dict.fromkeys(table["label"])) == [linear.classes[0], linear.classes[2]]
    assert set(table["gene"]) <= set(linear.genes.index[:2])


def test_only_one_class_with_samples_gives_an_empty_table(linear):
    padded = np.full((3, linear.n_genes), np.nan)
    padded[0] = 1
    table = label_rows(linear, LogitPath(linear), padded, None, 0)
    assert table.empty and list(table.columns) == list(COLUMNS)


def test_the_way_begins_at_the_training_mean(linear, original):
    assert not training_mean(linear).any()
    assert np.allclose(training_mean(original), original.mean)


def test_a_model_without_means_wants_samples(original):
    with pytest.raises(InputError, match=r"^net\.safetensors: keeps no mean expression of its labels; give samples"):
        explain_model(original, "net.safetensors", ALL)


def test_an_unknown_label_is_named_with_the_one_that_is_near(linear):
    with pytest.raises(
        UsageError, match=rf"--label '{linear.classes[0].lower()}': .* did you mean '{linear.classes[0]}'"
    ):
        explain_model(linear, "m", ExplainOptions(label=linear.classes[0].lower()))
    with pytest.raises(UsageError, match="it has 'B"):
        explain_model(linear, "m", ExplainOptions(label="zzzz"))
    with pytest.raises(UsageError, match=r"^--against 'seconds': the model has no such label"):
        explain_model(linear, "m", ExplainOptions(against="seconds"))
    with pytest.raises(UsageError, match=r"^--against 'B.*: a label is not told from itself; name another one$"):
        explain_model(linear, "m", ExplainOptions(label=linear.classes[0], against=linear.classes[0]))


def test_a_model_without_two_labels_has_nothing_to_explain(linear):
    with pytest.raises(InputError, match=r"^m: the model knows no labels, so none is told from another"):
        explain_model(dataclasses.replace(linear, classes=[]), "m", ALL)
    with pytest.raises(InputError, match=r"^m: the model knows only the label 'Lung', so none"):
        explain_model(dataclasses.replace(linear, classes=["Lung"]), "m", ALL)
