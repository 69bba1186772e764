import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from clrna.train.linear_classifier import fit_linear_classifier


def test_scores_are_those_of_discriminant_analysis() -> None:
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2, -1], 40)
    codes = random.normal(0, 3, (4, 6))[labels] + random.normal(size=(160, 6)) @ random.normal(size=(6, 6))
    weight, bias = fit_linear_classifier(codes, labels, 3)
    scores = codes @ weight.T + bias

    known = labels >= 0
    own = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=[1 / 3] * 3).fit(
        codes[known], labels[known]
    )
    expected = codes @ own.coef_.T + own.intercept_
    # Scikit-learn shrinks towards the scaled identity after scaling each feature, so only the decisions agree closely.
    assert (scores.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.97
    assert (scores[known].argmax(axis=1) == labels[known]).mean() > 0.9


def test_samples_that_do_not_scatter() -> None:
    codes = np.eye(3).repeat(2, axis=0)
    weight, bias = fit_linear_classifier(codes, np.repeat(np.arange(3), 2), 3)
    assert ((codes @ weight.T + bias).argmax(axis=1) == np.repeat(np.arange(3), 2)).all()
