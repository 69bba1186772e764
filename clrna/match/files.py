"""Read the samples that are asked about and those of the reference, and refuse codes of different models."""

from pathlib import Path

from anndata import AnnData

from clrna.errors import InputError
from clrna.io import contract
from clrna.io.hdf5.h5ad import is_h5ad, read_h5ad, without_values
from clrna.io.provenance import sha256_of
from clrna.match.of_adata import model_of, reference_of, require_codes, samples_of
from clrna.match.of_model import reference_in
from clrna.match.samples import MatchSamples
from clrna.match.settings import MatchSettings
from clrna.model.model_file import load_model

_LENGTH = 12


def read_query(path: Path, settings: MatchSettings) -> tuple[MatchSamples, str]:
    """Read encoded samples; return them, and the SHA-256 of their model.

    Raises
    ------
    InputError
        The file cannot be read, lacks what matching needs, or does not say which model made its codes.
    """
    adata = _without_values(path)
    return samples_of(adata, path, settings), told_model(adata, settings.key, path)


def read_reference(path: Path, model: str, query_path: Path, settings: MatchSettings) -> MatchSamples:
    """Read reference samples from encoded samples or from a model.

    Parameters
    ----------
    path
        ``.h5ad`` or ``.safetensors`` file.
    model
        SHA-256 of the model behind the query's codes.
    query_path, settings
        As in :func:`read_query`.

    Raises
    ------
    InputError
        The file cannot be read, lacks what matching needs, or its codes are of another model.
    """
    if is_h5ad(path):
        adata = _without_values(path)
        refuse_other_model(told_model(adata, settings.key, path), path, model, query_path)
        return reference_of(adata, path, settings)
    loaded = load_model(path, "cpu")
    refuse_other_model(sha256_of(path), path, model, query_path)
    return reference_in(loaded, path, settings.label_name)


def told_model(adata: AnnData, key: str, path: Path) -> str:
    """Return the SHA-256 of the model behind codes, or raise InputError where the file does not say it."""
    require_codes(adata, key, path)
    model = model_of(adata, key)
    if not model:
        raise InputError(f"{path}: does not say which model made obsm[{key!r}]; encode it with clrna-encode")
    return model


def refuse_other_model(reference_model: str, reference_path: Path, query_model: str, query_path: Path) -> None:
    """Raise InputError where codes of two models would be compared, which have nothing in common."""
    if reference_model != query_model:
        raise InputError(
            f"{reference_path}: is of the model {reference_model[:_LENGTH]}, but {query_path} was encoded by "
            f"{query_model[:_LENGTH]}; encode both with one model"
        )


def _without_values(path: Path) -> AnnData:
    adata = read_h5ad(path, backed=True)
    contract.check(adata, path)
    light = without_values(adata)
    adata.file.close()
    return light
