"""Read the inputs of clrna-normalize and find study, labels and donors in their metadata."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TISSUE_RAW, TUMOR_TYPE, TUMOR_TYPE_RAW
from clrna.errors import InputError, UsageError
from clrna.io.contract import fault_of_nameless, text_column
from clrna.io.gene_map import read_gene_map
from clrna.io.hdf5.h5ad import is_h5ad
from clrna.io.matrix import modac
from clrna.io.matrix.orientation import ORIENTATION
from clrna.io.metadata.sample_metadata import read_sample_table
from clrna.io.name_length import check_lengths
from clrna.io.tables import read_expression
from clrna.io.text.characteristics import with_characteristics
from clrna.normalize import columns
from clrna.normalize.assign_tables import assign_tables
from clrna.normalize.cut_files import refuse_cut_files
from clrna.normalize.given_files import given_files
from clrna.normalize.input_file import CELL_LINE, InputFile, obeys_contract
from clrna.normalize.join_metadata import join_metadata
from clrna.normalize.no_metadata import refuse_expression
from clrna.normalize.sample_tables import is_sample_table
from clrna.normalize.settings import NormalizeSettings, StudyFile
from clrna.normalize.study_names import (
    name_after_folders,
    require_distinct_studies,
    require_telling_name,
    study_of_file,
)
from clrna.normalize.turned_table import with_samples_in_rows
from clrna.plural import plural
from clrna.quoted import in_quotes, listed
from clrna.stages import stage

logger = logging.getLogger("clrna")

_TABLES = (".tsv", ".csv", ".txt")
_MOST_OTHERS = 100


@stage("reading")
def read_sources(paths: Sequence[Path], settings: NormalizeSettings) -> list[InputFile]:
    """Read every input, join the metadata, and find out study, raw labels and donors.

    Parameters
    ----------
    paths
        Expression files, and MoDaC's ``combined_cl_metadata`` where it is given as an input.
    settings
        The options of the run.

    Raises
    ------
    InputError
        A file cannot be read, a named column is missing, or metadata and samples have nothing in common.
    UsageError
        ``--study`` names more or fewer studies than there are expression files.
    """
    tables = [path for path in paths if path.is_file() and not is_h5ad(path) and modac.is_metadata(path)]
    found = [path for path in paths if path not in tables and is_sample_table(path)]
    matrices = [path for path in paths if path not in (*tables, *found)]
    if not matrices and not tables:
        raise InputError(f"{found[0]}: is a table of sample metadata, to be given with --metadata; name a matrix too")
    if not matrices:
        raise UsageError(f"{tables[0]}: is a table of sample metadata; give the expression file too")
    for path in found:
        logger.info("%s: is a table of sample metadata, as with --metadata", path)
    quantity = _quantity(settings.input_scale)
    gene_map = read_gene_map(settings.gene_map) if settings.gene_map else None
    sources = []
    files = given_files(matrices, settings.studies)
    _tell_tables_in_folders(matrices, [file.path for file in files])
    for file in files:
        adata = read_expression(
            file.path, orientation=settings.orientation, layer=settings.layer, quantity=quantity, gene_map=gene_map
        )
        how = adata.uns.pop(ORIENTATION, "samples in rows")
        sources.append(InputFile(file.path, adata, normalized=obeys_contract(adata), named=file.study, orientation=how))
    refuse_cut_files(sources)
    name_after_folders(sources)
    _join(sources, tables, found, settings)
    describe_sources(sources, settings)
    return sources


def _tell_tables_in_folders(paths: Sequence[Path], read: Sequence[Path]) -> None:
    """Warn of tables of samples that lie in folders of quantifiers' files: nobody has said that they are of these."""
    known = set(read)
    for folder in (path for path in paths if path.is_dir()):
        others = sorted(path for path in folder.iterdir() if path.suffix in _TABLES and path not in known)
        for path in others[:_MOST_OTHERS]:
            if is_sample_table(path):
                logger.warning("%s: is a table of sample metadata and is not read; give it with --metadata", path)


def describe_sources(sources: Sequence[InputFile], settings: NormalizeSettings) -> None:
    """Find out study, raw labels and donors of each source from its ``obs``, in place; errors as of the reading."""
    for source in sources:
        if nameless := fault_of_nameless(source.adata):
            raise InputError(f"{source.path}: {nameless}")
        told = source.adata.obs if source.normalized else with_characteristics(source.adata.obs)
        if told is not source.adata.obs:
            source.adata.obs = told
        _find_labels(source, settings)
        _find_study(source, settings)
    require_distinct_studies(sources)


def _join(
    sources: Sequence[InputFile], modac_tables: Sequence[Path], found: Sequence[Path], settings: NormalizeSettings
) -> None:
    given = [table if isinstance(table, StudyFile) else StudyFile("", table) for table in settings.metadata]
    names = [str(name) for source in sources for name in source.adata.obs_names]
    named = (
        settings.study_key, settings.donor_key, settings.tissue_key, settings.tumor_type_key, settings.category_key
    )  # fmt: skip

    def is_read(name: str) -> bool:
        return columns.is_read(name, named)

    tables = [with_samples_in_rows(read_sample_table(path, settings.sample_column), names) for _, path in given]
    for table in tables:
        refuse_expression(table, is_read)
    paths = [source.path for source in sources]
    studies = [_studies_told(source, settings) for source in sources]
    assigned = assign_tables(paths, studies, tables, [study for study, _ in given], settings.study_key)
    # MoDaC's own table names its samples so that they are distinct, whatever else is given.
    of_modac = [read_sample_table(path, modac.SAMPLE_NAME) for path in modac_tables]
    # Tables that lie among the inputs are in no order that says what they are of.
    for table in (*of_modac, *(read_sample_table(path, settings.sample_column) for path in found)):
        assigned += assign_tables(paths, studies, [table], [""], settings.study_key)
    if assigned:
        join_metadata(sources, studies, assigned, is_read)


def _studies_told(source: InputFile, settings: NormalizeSettings) -> np.ndarray:
    """Return the study of each sample as far as the file and the options tell, before metadata are joined."""
    if source.named:
        return np.full(source.adata.n_obs, source.named, dtype=object)
    key = STUDY if source.normalized else settings.study_key
    obs = source.adata.obs
    column = None if key is not None and key not in obs else _study_column(source, key)
    told = np.full(len(obs), "", dtype=object) if column is None else text_column(column)
    return np.where(told == "", study_of_file(source.path), told).astype(object)


def _study_column(source: InputFile, key: str | None) -> pd.Series | None:
    return columns.find_column(source.adata.obs, key, columns.STUDY_NAMES, "--study-key", source.path)


def _quantity(input_scale: Sequence[str]) -> str | None:
    """Return the unit to read from files that hold several: the stated one where one is stated for all."""
    only = input_scale[0] if len(input_scale) == 1 else "auto"
    return None if only == "auto" or "=" in only else only


def _find_labels(source: InputFile, settings: NormalizeSettings) -> None:
    obs = source.adata.obs
    if source.normalized:
        kept = {TISSUE: TISSUE_RAW, TUMOR_TYPE: TUMOR_TYPE_RAW, DONOR: DONOR, SAMPLE_CATEGORY: SAMPLE_CATEGORY}
        found = {name: obs.get(column, obs[name]) for name, column in kept.items()}
    else:
        wanted = (
            (TISSUE, settings.tissue_key, columns.TISSUE_NAMES, "--tissue-key"),
            (TUMOR_TYPE, settings.tumor_type_key, columns.TUMOR_TYPE_NAMES, "--tumor-type-key"),
            (SAMPLE_CATEGORY, settings.category_key, columns.CATEGORY_NAMES, "--category-key"),
            (DONOR, settings.donor_key, columns.DONOR_NAMES, "--donor-key"),
        )
        of_modac = modac.label_columns(obs) if modac.describes(obs) else pd.DataFrame(index=obs.index)
        found = {}
        for name, named, names, option in wanted:
            automatic = of_modac[name] if named is None and name in of_modac else None
            # The column that names the study is no cohort of one tumour type.
            among = obs.drop(columns=settings.study_key or [], errors="ignore") if named is None else obs
            column = (
                automatic if automatic is not None else columns.find_column(among, named, names, option, source.path)
            )
            if column is not None:
                found[name] = column
        if settings.donor_key is None:
            line = columns.find_column(obs, None, columns.CELL_LINE_NAMES, "", source.path)
            found |= {} if line is None else {CELL_LINE: line}
    if not source.normalized:
        used = ", ".join(f"{name} from {in_quotes(column.name)}" for name, column in found.items())
        logger.info("%s: columns read: %s", source.path, used or "none, so samples are unlabelled")
    source.raw = pd.DataFrame({name: text_column(column) for name, column in found.items()}, index=obs.index)


def _find_study(source: InputFile, settings: NormalizeSettings) -> None:
    """Give each sample a study: as named, else from the column, MoDaC's sample names, or the file's name."""
    obs, path, named = source.adata.obs, source.path, (source.named or "").strip()
    key = STUDY if source.normalized else settings.study_key
    if not named and modac.describes(obs) and key is None:
        source.study = modac.studies_of(obs.index.tolist())
    else:
        column = None
        if not named or source.normalized:
            column = _study_column(source, key)
        source.study = np.full(len(obs), "", dtype=object) if column is None else text_column(column)
    if named:
        _rename(source, named)
    default = named or study_of_file(path)
    require_telling_name(default, path)
    nameless = source.study == ""
    source.default_study = bool(nameless.any()) and not named
    if nameless.any() and not nameless.all():
        what = plural(int(nameless.sum()), "sample names", "samples name")
        logger.warning("%s: %s no study, put into %s", path, what, in_quotes(default))
    source.study[nameless] = default
    check_lengths(f"{path}: studies", set(source.study), "give shorter ones, such as with --study")
    # A slash in a name would be a folder within the HDF5 file.
    source.study = np.array([name.replace("/", "_") for name in source.study], dtype=object)


def _rename(source: InputFile, named: str) -> None:
    names = sorted(set(source.study) - {""})
    if source.normalized and len(names) > 1:
        raise InputError(
            f"{source.path}: --study {named}: the file already holds {len(names)} studies ({listed(names, 20)}) whose "
            "names it keeps; give the files behind it instead"
        )
    source.study = np.full(source.adata.n_obs, named, dtype=object)
