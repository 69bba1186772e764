"""What a source is: what it publishes, where, under which terms, and how that becomes a file of ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clrna.fetch.remote_file import RemoteFile

DATA_SET, MODEL = "data set", "model"


@dataclass(frozen=True)
class Request:
    """What a run asks of a source.

    Attributes
    ----------
    projects
        Parts of a source that has several; None for its default.
    limit
        Most samples of each part; None for all.
    label_map
        The user's own label map.
    threads
        CPU threads.
    scratch
        Folder for what is unpacked.
    listing
        Loads a file that says which files there are, and returns where it lies; None where the folder of
        ``--from`` lacks it and the second argument, whether it is required, is False.
    """

    projects: tuple[str, ...] | None = None
    limit: int | None = None
    label_map: Path | None = None
    threads: int = 1
    scratch: Path = field(default_factory=Path)
    listing: Callable[[RemoteFile, bool], Path | None] = lambda _file, _required: None


@dataclass(frozen=True)
class Expression:
    """A study as its source has it, before its labels are harmonised.

    Attributes
    ----------
    values
        Shape (samples, genes), float32, in the source's own units.
    genes
        One row a gene: index the identifiers, columns what else the source says (``symbol``, ``ensembl_id``,
        ``entrez_id``).
    samples
        One row a sample, index the sample names. The columns ``study``, ``tissue``, ``tumor_type``,
        ``sample_category`` and ``donor`` hold what the source calls these; any others are kept beside them.
    scale
        What the values are, as clrna-normalize names it; '' where the source does not say.
    layers
        Further matrices of the same shape.
    copies
        Name of the study whose profiles these are, '' where they are the study's own.
    """

    values: np.ndarray
    genes: pd.DataFrame
    samples: pd.DataFrame
    scale: str
    layers: Mapping[str, np.ndarray] = field(default_factory=dict)
    copies: str = ""


Paths = Mapping[str, Path]


@dataclass(frozen=True)
class Source:
    """One data set or model that can be fetched.

    Attributes
    ----------
    name
        What the user asks for.
    title
        One line that says what it is.
    version
        Release that is fetched.
    licence
        Terms of use, in short.
    citation
        What to cite.
    documentation
        Where addresses and format were read.
    files
        Says which files a request needs.
    read
        Turns them into a study; None where ``write_output`` writes the output itself.
    convert
        Writes the output: files, request, path, and what to note of where it came from.
    kind
        ``data set`` or ``model``.
    account
        Whose account is needed, '' for none.
    samples, genes, units, about_size
        As published; None or '' where not known. The size is in bytes, of what is loaded.
    unverified
        What could not be confirmed against a published source, '' where everything was.
    projects
        Parts that ``--projects`` may name; () where it has none or the portal lists them.
    """

    name: str
    title: str
    version: str
    licence: str
    citation: str
    documentation: tuple[str, ...]
    files: Callable[[Request], Sequence[RemoteFile]]
    read: Callable[[Paths, Request], Expression] | None = None
    write_output: Callable[[Paths, Request, Path, Mapping[str, Any]], None] | None = None
    kind: str = DATA_SET
    account: str = ""
    samples: int | None = None
    genes: int | None = None
    units: str = ""
    about_size: int | None = None
    unverified: str = ""
    projects: tuple[str, ...] = ()
    has_projects: bool = False
