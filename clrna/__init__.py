"""CLRNA: expression data from several studies, made comparable.

``import clrna`` loads nothing but this module, so that it costs next to nothing, and ``--help``, man pages and shell
completion can be built where numpy is not installed. Each name below is loaded when it is first used.

>>> import clrna
>>> studies = clrna.datasets.demo()
>>> adata = clrna.pp.normalize(studies)
>>> model = clrna.tl.train(adata, exclude_studies=["SIM3"])
>>> clrna.tl.encode(adata, model)
>>> adata.obsm["X_clrna"].shape
(108, 200)

Attributes
----------
read
    Read an expression file of any kind into AnnData.
pp
    Preprocessing: ``normalize``.
tl
    Tools: ``train``, ``encode``, ``baselines``, ``score``, ``match``, ``explain``.
pl
    Plotting: ``claim``, ``embedding``, ``scores``, ``confusion``, ``history``, ``genes``, ``report``.
datasets
    Small data to try things on: ``demo``.
Model
    A trained model: ``Model.load``, ``Model.save``.
CenterLossEncoder
    The same as an estimator of scikit-learn.
errors
    What is raised.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

# Where each public name is; `clrna/__init__.pyi` says the same to type checkers.
_MODULES = ("datasets", "errors", "pl", "pp", "tl")
_MEMBERS = {
    "CenterLossEncoder": "clrna.api.estimator",
    "Model": "clrna.api.model",
    "read": "clrna.api.reading",
}

__all__ = ["CenterLossEncoder", "Model", "__version__", "datasets", "errors", "pl", "pp", "read", "tl"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    if name in _MODULES:
        return importlib.import_module(f"clrna.{name}")
    if name not in _MEMBERS:
        raise AttributeError(f"module 'clrna' has no attribute {name!r}")
    found = getattr(importlib.import_module(_MEMBERS[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names beside what is loaded."""
    return sorted({*globals(), *__all__})
