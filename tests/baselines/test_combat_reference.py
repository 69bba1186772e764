"""ComBat onto a reference study, beside the same written down from the paper for each gene and study by itself."""

import numpy as np
import pytest
from anndata import read_h5ad

import clrna
from clrna.baselines.combat import combat
from clrna.baselines.covariates import numeric_columns
from clrna.cli import baseline


def by_the_paper(values, studies, reference, covariates=None):
    """Johnson, Li & Rabinovic 2007 with mean and variance of the reference's samples (sva's ref.batch)."""
    values = np.asarray(values, dtype=np.float64)
    names = sorted(set(studies))
    indicators = np.column_stack([studies == name for name in names]).astype(float)
    kept = np.empty((len(values), 0)) if covariates is None else np.asarray(covariates, dtype=float)
    design = np.hstack([indicators, kept])
    coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
    own = studies == reference
    mean = coefficients[names.index(reference)] + kept @ coefficients[len(names) :]
    deviation = np.sqrt(((values[own] - design[own] @ coefficients) ** 2).mean(axis=0))
    standard = (values - mean) / deviation
    out = values.copy()
    for name in names:
        if name == reference:
            continue
        rows = standard[studies == name]
        gamma, delta = rows.mean(axis=0), rows.var(axis=0, ddof=1)
        prior_mean, prior_variance = gamma.mean(), gamma.var()
        a = (2 * delta.var(ddof=1) + delta.mean() ** 2) / delta.var(ddof=1)
        b = (delta.mean() * delta.var(ddof=1) + delta.mean() ** 3) / delta.var(ddof=1)
        moved = np.empty_like(rows)
        for gene in range(rows.shape[1]):
            shift, scale = gamma[gene], delta[gene]
            for _ in range(500):
                shift = (len(rows) * prior_variance * gamma[gene] + scale * prior_mean) / (
                    len(rows) * prior_variance + scale
                )
                scale = (b + 0.5 * ((rows[:, gene] - shift) ** 2).sum()) / (a + len(rows) / 2 - 1)
            moved[:, gene] = (rows[:, gene] - shift) / np.sqrt(scale)
        full = np.broadcast_to(mean, values.shape)
        out[studies == name] = moved * deviation + full[studies == name]
    return out


@pytest.mark.parametrize("reference", ["A", "B", "C"])
@pytest.mark.parametrize("columns", [[], ["tissue"], ["tissue", "age"]])
def test_it_agrees_with_the_paper(adata, reference, columns):
    values, studies = np.array(adata.X), adata.obs["study"].to_numpy().astype(str)
    values[studies == "B"] *= 1.5
    kept = numeric_columns(adata.obs[columns].reset_index(drop=True)) if columns else None
    ours = combat(values, studies, kept, reference)
    np.testing.assert_allclose(ours, by_the_paper(values, studies, reference, kept), atol=2e-3)
    assert np.abs(ours - values).mean() > 1


def test_the_reference_stays_to_the_last_digit_and_the_others_come_to_it(adata):
    values, studies = np.array(adata.X), adata.obs["study"].to_numpy().astype(str)
    values[studies == "C"] *= 2
    ours = combat(values, studies, reference="A")
    np.testing.assert_array_equal(ours[studies == "A"], values[studies == "A"])
    for study in "BC":
        gap = np.abs(ours[studies == study].mean(axis=0) - values[studies == "A"].mean(axis=0))
        assert gap.mean() < 0.1
        ratio = ours[studies == study].std(axis=0) / values[studies == "A"].std(axis=0)
        assert np.median(ratio) == pytest.approx(1, abs=0.1)


def test_where_a_study_comes_to_lie_does_not_depend_on_a_third(adata):
    values, studies = np.array(adata.X), adata.obs["study"].to_numpy().astype(str)
    two = studies != "C"
    np.testing.assert_allclose(
        combat(values[two], studies[two], reference="A"), combat(values, studies, reference="A")[two], atol=1e-5
    )
    assert np.abs(combat(values[two], studies[two]) - combat(values, studies)[two]).max() > 0.1


def test_the_executable_and_the_function_take_it(adata, write, tmp_path, capsys):
    path, out = write(adata), tmp_path / "out.h5ad"
    words = [str(path), "-o", str(out), "--methods", "combat", "--corrected-layer", "--combat-ref", "B"]
    assert baseline.main(words) == 0
    assert "ComBat on 72 samples x 40 genes, onto B" in capsys.readouterr().err
    layer, studies = read_h5ad(out).layers["combat"], adata.obs["study"].to_numpy().astype(str)
    np.testing.assert_allclose(layer, combat(np.array(adata.X), studies, reference="B"), atol=1e-5)
    clrna.tl.baselines(adata, methods="combat", combat_ref="B", corrected_layer=True)
    np.testing.assert_array_equal(adata.layers["combat"], layer)
    with pytest.raises(clrna.errors.UsageError, match=r"^combat_ref D: no such study; there are A, B, C$"):
        clrna.tl.baselines(adata, methods="combat", combat_ref="D")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--combat-ref", "D"], "--combat-ref D: no such study; there are A, B, C"),
        (["--combat-ref", "A", "--methods", "pca"], "--combat-ref is ComBat's; add combat to --methods"),
    ],
)
def test_what_cannot_be_is_refused(adata, write, tmp_path, capsys, words, told):
    assert baseline.main([str(write(adata)), "-o", str(tmp_path / "out.h5ad"), *words]) == 2
    assert told in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "out.h5ad").exists()
