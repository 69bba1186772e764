"""The headline of a table of scores: over all unseen studies, one line an embedding."""

import numpy as np
import pandas as pd

from clrna.constants import X_COMBAT
from clrna.metrics.catalogue import HEADLINE, METRICS
from clrna.results.embeddings import embedding_name
from clrna.results.score_views import headline_rows
from clrna.results.versus import versus_combat


def why_no_headline(scores: pd.DataFrame) -> str:
    """Return why there is no headline, '' where there is one or none was asked for."""
    rows = headline_rows(scores)
    if rows.empty and scores["metric"].isin([metric.key for metric in HEADLINE]).any():
        return "every embedding was computed with the labels of these samples"
    if rows["value"].notna().any():
        return ""
    return "; ".join(dict.fromkeys(rows["reason"]))


def summary_lines(scores: pd.DataFrame) -> list[str]:
    """Return the headline in words: a line an embedding, how each compares with ComBat, and what none has."""
    rows = headline_rows(scores)
    reason = why_no_headline(scores)
    if reason:
        return [f"no headline: {reason}"]
    there = rows.groupby("metric")["value"].transform("count") > 0
    lines = [
        f"{embedding}: {', '.join(_words(row) for _, row in group.iterrows())}"
        for embedding, group in rows[there].groupby("embedding", sort=False)
    ]
    for embedding, group in rows[there].groupby("embedding", sort=False):
        compared = [_against(row) for _, row in group.iterrows() if versus_combat(row) is not None]
        if compared:
            lines.append(f"{embedding} against {embedding_name(X_COMBAT)}: {'; '.join(compared)}")
    for why, group in rows[~there].groupby("reason", sort=False):
        lines.append(f"no {' or '.join(METRICS[name].short for name in dict.fromkeys(group['metric']))}: {why}")
    return lines


def _against(row: pd.Series) -> str:
    versus = versus_combat(row)
    return f"{METRICS[row['metric']].short}: {versus.in_short()}" if versus else ""


def _words(row: pd.Series) -> str:
    title = METRICS[row["metric"]].short
    if not np.isfinite(row["value"]):
        return f"{title} none ({row['reason']})"
    interval = f"{row['ci_low']:.2f} to {row['ci_high']:.2f}, " if np.isfinite(row["ci_low"]) else ""
    return f"{title} {row['value']:.3f} ({interval}n={row['n']})"
