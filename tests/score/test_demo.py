"""Every row of the scores of the demo's two panels of lines: an interval that holds the value, or why there is none."""

from pathlib import Path

import numpy as np
import pytest

from clrna.cli import baseline, normalize, score
from clrna.results.score_table import read_scores
from clrna.results.versus import versus_combat
from clrna.score.measures import NAMES

DEMO = Path(__file__).parents[2] / "test-data" / "demo"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    merged, baselines, scores = (str(folder / name) for name in ("merged.h5ad", "baselines.h5ad", "scores.tsv"))
    assert normalize.main([str(DEMO / "ccle.h5ad"), str(DEMO / "nci60.h5ad"), "-o", merged, "-q"]) == 0
    assert baseline.main([merged, "-o", baselines, "--methods", "pca,combat,standardized", "-q"]) == 0
    assert score.main([baselines, "-o", scores, "--bootstrap", "60", "-q"]) == 0
    return read_scores(Path(scores))


def test_every_interval_holds_its_value(table):
    there = table[table["value"].notna()]
    drawn = there[there["ci_low"].notna()]
    assert (drawn["ci_low"] <= drawn["value"]).all()
    assert (drawn["value"] <= drawn["ci_high"]).all()
    assert (drawn["ci_low"] < drawn["ci_high"]).all()
    yardsticks = {"study_chance", "study_from_label"}
    # No tissue has the 20 samples in each of two studies that kBET asks for.
    assert set(drawn["metric"]) == set(NAMES) - yardsticks - {"kbet"}
    without = there[there["ci_low"].isna()]
    assert without["note"].str.contains("no interval: ").all()
    assert set(without["metric"]) >= yardsticks


def test_values_lie_well_within(table):
    """Indices made of scatter, of which copies of samples moved the whole interval to one side."""
    rows = table[table["metric"].isin(["davies_bouldin", "calinski_harabasz", "pcr"]) & (table["split"] == "all")]
    rows = rows[(rows["ci_high"] < 1) | (rows["metric"] != "pcr")].dropna(subset="ci_low")
    assert len(rows) >= 12
    place = (rows["value"] - rows["ci_low"]) / (rows["ci_high"] - rows["ci_low"])
    assert ((place > 0.2) & (place < 0.8)).all(), place


def test_differences_hold_theirs_and_lie_within_what_can_be(table):
    rows = table[table["minus_combat_low"].notna()]
    assert set(rows["embedding"]) == {"X_pca", "X_standardized"}
    assert (rows["minus_combat_low"] <= rows["minus_combat"]).all()
    assert (rows["minus_combat"] <= rows["minus_combat_high"]).all()
    shares = rows[~rows["metric"].isin(["silhouette", "davies_bouldin", "calinski_harabasz"])]
    assert shares[["minus_combat_low", "minus_combat_high"]].abs().to_numpy().max() <= 1
    combat = table[table["embedding"] == "X_combat"]
    assert combat["minus_combat"].isna().all()


def test_what_the_differences_say(table):
    """ComBat is known to bring these two studies together, and to differ little from z-scores of each study."""
    whole = table[(table["metric"] == "replicate_recall") & (table["study"] == "") & (table["split"] == "all")]
    verdicts = {row["embedding"]: versus_combat(row) for _, row in whole.iterrows()}
    assert verdicts["X_combat"] is None
    assert verdicts["X_pca"].verdict == "worse"
    assert verdicts["X_standardized"].verdict in ("unknown", "alike")
    assert np.isfinite(verdicts["X_pca"].low)
