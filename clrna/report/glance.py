"""The first thing a reader sees: how good it is on studies that the model was not trained on, beside ComBat."""

import math
from dataclasses import dataclass

import pandas as pd

from clrna.constants import X_CLRNA, X_COMBAT
from clrna.metrics.catalogue import MRR, TRANSFER, metric_name
from clrna.report import numbers
from clrna.report.dot_plot import DotPlot, dot_plots
from clrna.results.embeddings import embedding_name
from clrna.results.score_views import by_study, headline
from clrna.results.versus import UNKNOWN, Versus, versus_combat

NO_SCORES = "No scores were given. Run clrna-score on the same files and pass its table with --scores."

# Drawn only: what they say is said by the recall at rank 1 already.
_WITHOUT_WORDS = (MRR.key,)


class Verdict(str):
    """A sentence that compares two scores, which knows what it says.

    Attributes
    ----------
    verdict
        ``better``, ``worse``, ``alike`` or ``unknown``.
    """

    verdict: str

    def __new__(cls, text: str, verdict: str = UNKNOWN) -> "Verdict":
        """Return the sentence with its verdict."""
        made = super().__new__(cls, text)
        made.verdict = verdict
        return made


@dataclass(frozen=True)
class Glance:
    """Verdicts in words, the plots behind them, and what is missing where there are none."""

    verdicts: list[Verdict]
    plots: list[DotPlot]
    studies: list[str]  # that the headline was measured on
    asked: list[str]  # what the model knows of the donors that were asked about
    not_computed: list[str]  # headline metrics without a value, and why
    missing: str


def glance(scores: pd.DataFrame | None) -> Glance:
    """Say what the headline scores say, whichever way they point."""
    if scores is None:
        return Glance([], [], [], [], [], NO_SCORES)
    whole = headline(scores)
    rows = whole[whole["value"].notna()]
    if rows.empty:
        return Glance([], [], [], [], [], _why_no_headline(scores))
    studies = by_study(scores)
    seen = studies[studies["headline"] & ~studies["in_sample"]]["study"]
    verdicts = [_verdict(group) for metric, group in rows.groupby("metric", sort=False) if metric not in _WITHOUT_WORDS]
    without = whole[~whole["metric"].isin(set(rows["metric"]))]
    return Glance(
        [text for text in verdicts if text], dot_plots(rows), sorted(set(seen)), _asked(set(rows["metric"])),
        _not_computed(without), "",
    )  # fmt: skip


def _asked(metrics: set[str]) -> list[str]:
    of_labels = ["labels are asked of donors that it never saw either"] if TRANSFER.key in metrics else []
    of_donors = ["donors to be found again may be known to it"] if metrics - {TRANSFER.key} else []
    return of_labels + of_donors


def _not_computed(rows: pd.DataFrame) -> list[str]:
    """Return a line for each metric that has no value for any embedding."""
    lines = []
    for (metric, label_key), group in rows.groupby(["metric", "label_key"], sort=False):
        reasons = "; ".join(dict.fromkeys(reason for reason in group["reason"] if reason))
        lines.append(f"{metric_name(str(metric), str(label_key))}: {reasons or 'not computed'}.")
    return lines


def _why_no_headline(scores: pd.DataFrame) -> str:
    if len(scores) and scores["in_sample"].all():
        return (
            "Every score is in-sample: the model was trained on every study here, so nothing measures how it does on a "
            "new one. Leave a study out of training with clrna-train --exclude-study, encode it and score again."
        )
    reasons = sorted({reason for reason in scores.loc[scores["headline"], "reason"] if reason})
    return f"No headline score could be computed: {'; '.join(reasons) or 'the table of scores holds none'}."


def _verdict(group: pd.DataFrame) -> Verdict:
    """Return a sentence that compares the first CLRNA model with ComBat, or with the best other embedding."""
    models = group[group["embedding"].str.startswith(X_CLRNA)]
    others = group[~group["embedding"].str.startswith(X_CLRNA)]
    if models.empty:
        return Verdict("")
    model, metric = models.iloc[0], metric_name(group["metric"].iloc[0], group["label_key"].iloc[0])
    sentence = f"{metric}: {embedding_name(model['embedding'])} {_with_interval(model)}"
    if others.empty:
        return Verdict(f"{sentence}. There is no other embedding to compare with; clrna-baseline computes some.")
    combat = others[others["embedding"] == X_COMBAT]
    other = (
        combat.iloc[0] if len(combat) else others.sort_values("value", ascending=model["direction"] == "lower").iloc[0]
    )
    versus = versus_combat(model) if len(combat) else None
    if versus is None:
        difference = float(model["value"] - other["value"])
        versus = Versus(difference, math.nan, math.nan, int(model["n"]), model["direction"] == "lower")
    compared = versus.in_words(embedding_name(model["embedding"]))
    text = f"{sentence}, {embedding_name(other['embedding'])} {_with_interval(other)}. {compared}"
    return Verdict(text, versus.verdict)


def _with_interval(row: pd.Series) -> str:
    spread = numbers.interval(row["ci_low"], row["ci_high"])
    return f"{numbers.score(row['value'])} ({spread})" if spread else numbers.score(row["value"])
