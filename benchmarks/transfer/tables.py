"""Tables as Markdown."""

import pandas as pd

WIDEST = 160


def markdown(table: pd.DataFrame) -> str:
    """Return a table: three decimals, '-' for what there is not, long texts cut."""
    lines = [f"| {' | '.join(map(str, table.columns))} |", "|" + "---|" * table.shape[1]]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in table.itertuples(index=False)]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "-" if value != value else f"{value:.3f}"
    text = str(value).replace("|", "/") or "-"
    return text if len(text) <= WIDEST else f"{text[:WIDEST]} ..."
