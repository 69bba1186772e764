"""The published model: a TensorFlow 1 checkpoint, with the data it was trained on to tell its genes and classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import MODEL, Paths, Request, Source
from clrna.fetch.sources import modac_combined as data

INDEX, WEIGHTS = "autoencoder_ratchet.index", "autoencoder_ratchet.data-00000-of-00001"
_PILOT = "/NCI_DOE_Archive/JDACS4C/JDACS4C_Pilot_1"
_FOLDER = f"{_PILOT}/rna_seq_latent_featurizer_using_center_loss_cost_function_CLRNA"


def files(request: Request) -> Sequence[RemoteFile]:
    """Return the checkpoint without its graph (``.meta``), which is not needed, and the training data."""
    checkpoint = [RemoteFile(name, modac_path=f"{_FOLDER}/{name}") for name in (INDEX, WEIGHTS)]
    return [*checkpoint, *data.files(request)]


def write_output(paths: Paths, request: Request, output: Path, record: Mapping[str, Any]) -> None:
    """Write the model as our ``.safetensors``; see :func:`clrna.fetch.published_model.convert_published`."""
    # Here, so that listing the sources does not load torch.
    from clrna.fetch.published_model import convert_published

    convert_published(paths[INDEX], paths[WEIGHTS], paths, request, output, record)


SOURCE = Source(
    name="clrna-published",
    title="The published CLRNA model (TensorFlow checkpoint, converted), 943 features",
    version="2021-05",
    licence="MIT (software); the model as open to registered users of MoDaC",
    citation="He, Allen, Fan (LLNL), CLRNA v0.1, 2021, LLNL-CODE-824233, MoDaC NCI-DME-MS01-9815585",
    documentation=(
        "https://github.com/CBIIT/NCI-DOE-Collab-Pilot1-Center-Loss (src/tf_graph.py: the network; "
        "src/utils/download_model.py: where the files are)",
    ),
    files=files,
    write_output=write_output,
    kind=MODEL,
    account="MoDaC (free)",
    genes=17_743,
    units="log2 expression",
    unverified="size of the checkpoint, and whether its classes are those of today's metadata (checked when converted)",
)
