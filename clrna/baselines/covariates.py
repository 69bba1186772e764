"""Covariates as the numbers that a linear model takes."""

import pandas as pd


def numeric_columns(covariates: pd.DataFrame) -> pd.DataFrame:
    """Return covariates as numbers: a numeric column as it is, text as 0/1 columns without its first level.

    The first level is left out because, beside one column a study, the columns of all levels would sum
    to the studies' and no linear model could tell them apart.

    Parameters
    ----------
    covariates
        Text or numeric columns without missing values, one row a sample.
    """
    parts = []
    for name in covariates:
        column = covariates[name]
        if pd.api.types.is_numeric_dtype(column):
            parts.append(column.astype(float).to_frame())
        else:
            parts.append(pd.get_dummies(column.astype(str), prefix=str(name), drop_first=True, dtype=float))
    return pd.concat(parts, axis=1) if parts else pd.DataFrame(index=covariates.index)
