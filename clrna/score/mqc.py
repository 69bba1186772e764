"""The headline as MultiQC custom content: a table that MultiQC finds by the file name's ``_mqc.json``."""

import json
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from clrna.metrics.catalogue import HEADLINE, METRICS
from clrna.results.score_views import headline_rows
from clrna.results.versus import versus_combat
from clrna.score.headline import why_no_headline


def to_mqc(scores: pd.DataFrame, prefix: str) -> str:
    """Return a MultiQC table with one row an embedding.

    Parameters
    ----------
    scores
        As :class:`clrna.score.table.ScoreTable` computes them.
    prefix
        Stands before the embedding's name in each row, so that several runs do not overwrite each other
        in one MultiQC report.

    Notes
    -----
    https://docs.seqera.io/multiqc/custom_content
    """
    rows, reason = headline_rows(scores), why_no_headline(scores)
    description = (
        "Cross-study transfer on studies that no model here was trained on, with 95 % intervals from random halves of "
        "the donors."
    )
    if reason or rows.empty:
        description += f" No headline: {escape(reason or 'none of its metrics was asked for')}."
    content = {
        "id": "clrna_headline",
        "section_name": "CLRNA: transfer to unseen studies",
        "description": description,
        "plot_type": "table",
        "pconfig": {"id": "clrna_headline_table", "title": "CLRNA: transfer to unseen studies", "namespace": "CLRNA"},
        "headers": _headers(),
        "data": {
            # MultiQC shows the names of rows as they are.
            escape(f"{prefix} {embedding}"): _cells(rows[rows["embedding"] == embedding])
            for embedding in dict.fromkeys(scores["embedding"])
        },
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _headers() -> dict[str, Any]:
    headers: dict[str, Any] = {}
    for metric in HEADLINE:
        key, title = metric.key, metric.short
        low, high = metric.bounds
        headers[key] = {
            "title": title[0].upper() + title[1:],
            "description": f"{metric.summary}, mean over unseen studies",
            "min": low, "max": high, "scale": "Blues", "format": "{:,.3f}",
        }  # fmt: skip
        headers[f"{key}_interval"] = {"title": "95 % interval", "description": f"From halves of the donors, {title}"}
        headers[f"{key}_against_combat"] = {
            "title": "Against ComBat", "description": f"Difference of {title} on the same samples, by the same halves",
        }  # fmt: skip
        headers[f"{key}_n"] = {
            "title": "n", "description": f"Samples behind {title}", "format": "{:,.0f}", "scale": False, "min": 0,
        }  # fmt: skip
    headers["reason"] = {"title": "No value because", "description": "Why a value is missing"}
    return headers


def _cells(rows: pd.DataFrame) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for _, row in rows.iterrows():
        if not np.isfinite(row["value"]):
            continue
        cells[row["metric"]] = round(float(row["value"]), 4)
        cells[f"{row['metric']}_n"] = int(row["n"])
        if np.isfinite(row["ci_low"]):
            cells[f"{row['metric']}_interval"] = f"{row['ci_low']:.3f} to {row['ci_high']:.3f}"
        versus = versus_combat(row)
        if versus is not None:
            cells[f"{row['metric']}_against_combat"] = versus.in_short()
    reasons = [f"{METRICS[row['metric']].short}: {row['reason']}" for _, row in rows.iterrows() if row["reason"]]
    if reasons:
        cells["reason"] = escape("; ".join(reasons))
    return cells
