"""The estimator is what scikit-learn expects, and computes what the functions for AnnData compute."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from anndata import AnnData
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

import clrna
from clrna import CenterLossEncoder

NO_CLASS = "-1 stands for no class, as in scikit-learn's own estimators that learn from unlabelled samples"
TOO_FEW = "each sample is standardized by itself, which leaves nothing of two features"
ALIKE = "samples with the same value in every feature cannot be standardized by themselves, and are refused"
EXPECTED = {
    "check_estimators_overwrite_params": TOO_FEW,
    "check_estimators_fit_returns_self": TOO_FEW,
    "check_readonly_memmap_input": TOO_FEW,
    "check_estimators_dtypes": ALIKE,
    "check_classifier_data_not_an_array": ALIKE,
}


def expected_failures(estimator: BaseEstimator) -> dict[str, str]:
    by_itself = EXPECTED if estimator.standardize is None else {}
    return {"check_classifiers_classes": NO_CLASS, **by_itself}


@parametrize_with_checks(
    [CenterLossEncoder(), CenterLossEncoder(standardize="genes", epochs=3, latent_dim=2)],
    expected_failed_checks=expected_failures,
)
def test_is_an_estimator(estimator: BaseEstimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def table(merged: AnnData) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    return merged.to_df(), merged.obs["tissue"].astype(str), merged.obs["study"].astype(str)


@pytest.fixture(scope="module")
def fitted(merged: AnnData, table) -> CenterLossEncoder:
    """An encoder of the studies but SIM3."""
    X, y, study = table
    there = study != "SIM3"
    return CenterLossEncoder(device="cpu").fit(X[there], y[there], study=study[there], donor=merged.obs["donor"][there])


@pytest.mark.parametrize("adapt", ["auto", "none", "study"])
def test_computes_what_train_and_encode_compute(folder, merged, table, fitted, adapt):
    X, _, study = table
    adata = merged.copy()
    clrna.tl.encode(adata, folder / "model.safetensors", adapt=adapt)
    encoder = clone(fitted).set_params(adapt=adapt)
    encoder.__dict__.update({name: value for name, value in vars(fitted).items() if name.endswith("_")})
    np.testing.assert_array_equal(encoder.transform(X, study=study), adata.obsm["X_clrna"])
    assert encoder.predict(X, study=study).tolist() == adata.obs["clrna_label"].astype(str).tolist()
    found = encoder.predict_proba(X, study=study)
    # Of three classes the most probable one has more than a third, also where its label is as good as certainly wrong.
    confidence = adata.obs["clrna_confidence"].to_numpy()
    told = confidence > 0.34
    np.testing.assert_allclose(found.max(axis=1)[told], confidence[told], atol=1e-6)
    np.testing.assert_allclose(found.max(axis=1)[~told], 1 / 3, atol=1e-3)
    assert told.all() == (adapt != "study")
    second = np.argsort(-found, axis=1)[:, 1]
    assert encoder.classes_[second].tolist() == adata.obs["clrna_second"].astype(str).tolist()
    assert len(set(adata.obs["clrna_label"])) == 3


def test_is_the_same_as_train(merged, table):
    X, y, study = table
    given = merged.copy()
    given.obs.loc[given.obs_names[::3], "tissue"] = None
    y = y.where(np.arange(len(y)) % 3 > 0, None)
    mine = CenterLossEncoder(device="cpu").fit(X, y, study=study, donor=merged.obs["donor"]).model_
    other = clrna.tl.train(given, device="cpu")
    for name, array in other.network.to_arrays().items():
        np.testing.assert_array_equal(mine.network.to_arrays()[name], array)
    one, two = merged.copy(), merged.copy()
    clrna.tl.encode(one, mine)
    clrna.tl.encode(two, other)
    pd.testing.assert_frame_equal(one.obs, two.obs, check_exact=True)


def test_probabilities_are_a_distribution_whose_first_is_what_is_predicted(table, fitted):
    X, _, study = table
    noise = X + np.random.default_rng(0).normal(0, 3, X.shape).astype(np.float32)
    for told in (study, None):
        found = fitted.predict_proba(noise, study=told)
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-9)
        assert (found >= 0).all() and found.max() < 1
        assert fitted.classes_[found.argmax(axis=1)].tolist() == fitted.predict(noise, study=told).tolist()


def test_network_gives_its_calibrated_probabilities(table):
    X, y, study = table
    encoder = CenterLossEncoder(standardize="genes", epochs=3, latent_dim=4, device="cpu").fit(X, y, study=study)
    codes = encoder.transform(X)
    assert codes.shape == (108, 4)
    np.testing.assert_allclose(encoder.predict_proba(X), encoder.model_.probabilities(codes), atol=1e-6)


@pytest.mark.parametrize("missing", [-1, np.nan, None])
@pytest.mark.parametrize("form", [list, pd.Series])
def test_samples_without_class_are_trained_on_without_it(table, missing, form):
    X, y, study = table
    numbers = pd.Series(pd.Categorical(y).codes.astype(int) * 9 + 2)
    given = form([missing if place % 4 == 0 else number for place, number in enumerate(numbers)])
    encoder = CenterLossEncoder(device="cpu").fit(X, given, study=study)
    # As text 11 stands before 2.
    assert encoder.classes_.tolist() == [2, 11, 20] and encoder.model_.classes != ["2", "11", "20"]
    assert encoder.predict(X, study=study).tolist() == numbers.tolist()
    assert encoder.predict_proba(X, study=study).argmax(axis=1).tolist() == pd.Categorical(y).codes.tolist()
    wrong = numbers.where(numbers.index % 2 == 0, 2 + 11 + 20 - numbers)
    labelled = np.arange(len(X)) % 4 > 0
    assert encoder.score(X, given, study=study) == 1
    share = (wrong == numbers)[labelled].mean()
    assert encoder.score(X, wrong.where(labelled, -1), study=study) == pytest.approx(share)


def test_text_beside_missing_classes_in_a_list(table):
    X, y, study = table
    given = [np.nan if place % 2 else name for place, name in enumerate(y)]
    encoder = CenterLossEncoder(device="cpu").fit(X, given, study=study)
    assert encoder.classes_.tolist() == ["Bowel", "Breast", "Lung"]


def test_leaves_studies_out_in_turn_and_is_told_of_them(table):
    X, y, study = table
    with sklearn.config_context(enable_metadata_routing=True):
        told = CenterLossEncoder(device="cpu").set_fit_request(study=True).set_score_request(study=True)
        last = make_pipeline(FunctionTransformer(), told)
        settings = {"cv": LeaveOneGroupOut(), "params": {"groups": study, "study": study}, "error_score": "raise"}
        scores = cross_val_score(last, X, y, **settings)
    wanted = []
    for left_out in sorted(set(study)):
        there = study != left_out
        encoder = CenterLossEncoder(device="cpu").fit(X[there], y[there], study=study[there])
        assert encoder.model_.training_studies == sorted(set(study) - {left_out})
        wanted.append((encoder.predict(X[~there], study=study[~there]) == y[~there]).mean())
    assert scores.tolist() == wanted and max(wanted) <= 1


def test_is_a_step_before_others(table):
    X, y, study = table
    with sklearn.config_context(enable_metadata_routing=True):
        first = (
            CenterLossEncoder(latent_dim=5, device="cpu").set_fit_request(study=True).set_transform_request(study=True)
        )
        pipeline = make_pipeline(first, LogisticRegression()).fit(X, y, study=study)
        assert pipeline.score(X, y, study=study) > 0.9
    assert pipeline[-1].n_features_in_ == 5
    names = [f"centerlossencoder{number}" for number in range(5)]
    assert pipeline[0].get_feature_names_out().tolist() == names
    frame = pipeline[0].set_output(transform="pandas").transform(X)
    assert list(frame) == names and frame.index.equals(X.index)


def test_model_is_one_of_genes(merged, table, fitted, tmp_path):
    X, _, study = table
    fitted.model_.save(tmp_path / "model.safetensors")
    shuffled = merged[:, np.random.default_rng(0).permutation(merged.n_vars)].copy()
    clrna.tl.encode(shuffled, tmp_path / "model.safetensors")
    np.testing.assert_allclose(shuffled.obsm["X_clrna"], fitted.transform(X, study=study), atol=1e-4)
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.transform(X[X.columns[::-1]])


def test_nothing_is_looked_at_before_fit_and_errors_name_the_parameter(table):
    X, y, study = table
    for given, message in (
        ({"adapt": "any"}, r"^adapt='any': is none of"),
        ({"preset": "mine"}, r"^preset='mine': is none of"),
        ({"min_class_size": 0}, r"^min_class_size=0: is not a whole number"),
        ({"min_class_size": 1000}, r"two are needed; see .*min_class_size"),
        ({"latent_dim": 0}, r"^latent_dim=0: is not a whole number"),
    ):
        encoder = CenterLossEncoder(**given)
        assert encoder.get_params()[next(iter(given))] == next(iter(given.values()))
        with pytest.raises(ValueError, match=message):
            encoder.fit(X, y, study=study)
    fit = CenterLossEncoder().fit
    with pytest.raises(clrna.errors.UsageError, match=r"^study: has the shape \(5,\), but X has 108 samples"):
        fit(X, y, study=study[:5])
    with pytest.raises(clrna.errors.UsageError, match=r"^study: 36 samples have none; give one of each"):
        fit(X, y, study=study.where(study != "SIM2", None))
    with pytest.raises(clrna.errors.UsageError, match=r"^y: holds one class only \(Lung\), at least 2 are needed"):
        fit(X, y.where(y == "Lung", None), study=study)
    with pytest.raises(clrna.errors.UsageError, match=r"^y: holds classes of several types"):
        fit(X, [1, *y[1:]], study=study)
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        fit(X, np.linspace(0, 1.5, len(X)), study=study)


def test_a_random_state_of_numpy_is_a_seed(table):
    X, y, _ = table
    made = [
        CenterLossEncoder(random_state=seed, epochs=1, standardize="genes", latent_dim=2).fit(X, y).transform(X)
        for seed in (np.random.RandomState(3), np.random.RandomState(3), np.random.RandomState(4))
    ]
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])
