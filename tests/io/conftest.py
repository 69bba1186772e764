"""Small expression tables in the layouts that people have."""

import numpy as np
import pandas as pd
import pytest

GENES = ["TP53", "EGFR", "MYC", "BRCA1", "KRAS"]
SAMPLES = ["s1", "s2", "s3"]


@pytest.fixture
def expression() -> pd.DataFrame:
    """Samples x genes, all values exact in float32."""
    values = np.arange(15, dtype=float).reshape(3, 5) / 4 + 0.25
    return pd.DataFrame(values, index=pd.Index(SAMPLES, name="sample"), columns=GENES)
