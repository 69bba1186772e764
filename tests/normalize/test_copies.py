"""Copies of profiles between studies."""

import numpy as np
import pandas as pd
import pytest

from clrna.normalize.copies import donors_with_copies, find_copies
from clrna.simulate import simulate


@pytest.fixture
def cohort():
    """Study B (30 samples) took 10 of the 40 profiles of A over, with rounding; C (30) has its own."""
    rng = np.random.default_rng(0)
    adata = simulate(n_tissues=2, n_studies=3, n_genes=150, samples_per=20, shared_donors=0.0, seed=1)
    values = {study: adata.X[(adata.obs["study"] == study).to_numpy()] for study in ("SIM1", "SIM2", "SIM3")}
    a, b, c = values["SIM1"], values["SIM2"][:30], values["SIM3"][:30]
    b[:10] = np.round(a[rng.permutation(40)[:10]], 2)
    matrix = np.concatenate([a, b, c])
    return matrix, np.array(["A"] * 40 + ["B"] * 30 + ["C"] * 30, dtype=object)


def no_var(n: int) -> pd.DataFrame:
    return pd.DataFrame(index=[f"g{number}" for number in range(n)])


def test_copies_are_found_and_nothing_else(cohort):
    values, studies = cohort
    original, correlation = find_copies(values, no_var(150), studies, 0.999)
    assert np.flatnonzero(original >= 0).tolist() == list(range(40, 50))
    for row in range(40, 50):
        assert np.abs(values[row] - values[original[row]]).max() <= 0.00501
    assert (correlation[40:50] > 0.999).all() and np.isnan(correlation[:40]).all()


def test_the_order_of_samples_does_not_matter(cohort):
    values, studies = cohort
    order = np.random.default_rng(1).permutation(len(values))
    straight, _ = find_copies(values, no_var(150), studies, 0.999)
    shuffled, _ = find_copies(values[order], no_var(150), studies[order], 0.999)
    back = np.full(len(values), -1)
    back[order] = np.where(shuffled >= 0, order[shuffled], -1)
    assert (back == straight).all()


def test_one_switches_it_off(cohort):
    values, studies = cohort
    assert (find_copies(values, no_var(150), studies, 1.0)[0] == -1).all()


def test_a_copy_of_a_copy_points_to_the_first(cohort):
    values, studies = cohort
    values[70:75] = values[40:45]
    original, _ = find_copies(values, no_var(150), studies, 0.999)
    assert (original[70:75] == original[40:45]).all() and (studies[original[70:75]] == "A").all()


def test_copies_within_a_study_are_its_own_affair(cohort):
    values, studies = cohort
    values[1] = values[0]
    assert find_copies(values, no_var(150), studies, 0.999)[0][1] == -1


def test_flat_profiles_are_no_copies(cohort):
    values, studies = cohort
    values[0], values[60] = 0.0, 0.0
    assert find_copies(values, no_var(150), studies, 0.999)[0][60] == -1


def test_too_few_genes_tell_nothing(cohort):
    values, studies = cohort
    assert (find_copies(values[:, :40], no_var(40), studies, 0.9)[0] == -1).all()


def test_filled_genes_do_not_count(cohort):
    values, studies = cohort
    measured = np.arange(150) < 60
    values = values.copy()
    values[40:70, 60:] = values[:40, 60:].mean(axis=0)
    var = no_var(150).assign(measured_in_A=True, measured_in_B=measured, measured_in_C=True)
    assert (find_copies(values, var, studies, 0.999)[0] >= 0).sum() == 10


def test_many_genes_are_sieved_first(monkeypatch):
    """A profile that agrees over the genes of the sieve alone is no copy; one that agrees over all is."""
    rng = np.random.default_rng(0)
    values = rng.gamma(2.0, 2.0, (60, 500)).astype(np.float32)
    studies = ["A"] * 40 + ["B"] * 20
    monkeypatch.setattr("clrna.normalize.copies._SIEVE_GENES", 100)
    values[40, ::5] = values[3, ::5]
    values[41] = values[7]
    original, correlation = find_copies(values, no_var(500), studies, 0.999)
    assert original[40] == -1 and original[41] == 7 and correlation[41] == pytest.approx(1.0, abs=1e-6)


def test_copies_share_the_donor_of_the_original():
    donors = np.array(["d1", "d2", "x", "x", "d4"], dtype=object)
    joined = donors_with_copies(donors, np.array([-1, -1, 0, -1, -1]))
    assert joined.tolist() == ["d1", "d2", "d1", "d1", "d4"]
    twice = donors_with_copies(donors, np.array([-1, -1, 0, 1, -1]))
    assert len({twice[0], twice[1], twice[2], twice[3]}) == 1


def test_the_executable_flags_them(normalize, cohort, tmp_path):
    values, studies = cohort
    genes = simulate(n_genes=150, samples_per=1).var_names
    for study in "ABC":
        rows = studies == study
        names = [f"{study}{number}" for number in range(rows.sum())]
        frame = pd.DataFrame(values[rows], index=names, columns=genes)
        frame.to_csv(tmp_path / f"{study}.tsv", sep="\t", index_label="sample")
    result = normalize(*(tmp_path / f"{study}.tsv" for study in "BAC"), "--study-report", tmp_path / "studies.tsv")
    obs = result.adata.obs
    assert obs["copy_of"].notna().sum() == 10 and set(obs.loc[obs["copy_of"].notna(), "study"]) == {"B"}
    for name, original in obs["copy_of"].dropna().items():
        assert obs.loc[name, "donor"] == obs.loc[original, "donor"]
        assert obs.loc[name, "split"] == obs.loc[original, "split"]
    assert "study B: 10 of its 30 samples are copies of samples of A" in result.log
    report = pd.read_csv(tmp_path / "studies.tsv", sep="\t").set_index("study")
    assert report["copies_of_other_studies"].to_dict() == {"B": 10, "A": 0, "C": 0}
    off = normalize(*(tmp_path / f"{s}.tsv" for s in "BAC"), "--copy-correlation", 1, output="off.h5ad").adata
    assert off.obs["copy_of"].isna().all()
