"""What is measured: commands of the suite, and the reference that each is held against."""

import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Of the published network, and of the loop beside it: enough that steps outweigh the start.
EPOCHS = 3
# What references need beside what the package does.
LIBRARIES = {"read_text_by_polars": "polars", "combat": "scanpy", "umap": "umap"}


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes
    ----------
    name
        In the table.
    executable
        Without ``clrna-``.
    words
        Its command line; ``@`` stands for the folder of one size.
    references
        Of ``references.py``, one row of the table each.
    of
        The file that the references read.
    first
        Whether a first run, without caches, has a row before the second one.
    """

    name: str
    executable: str
    words: str
    references: tuple[str, ...] = ()
    of: str = "samples.h5ad"
    first: bool = False

    def command(self, folder: Path, threads: int) -> list[str]:
        """Return the command on the files in ``folder``."""
        words = [word.replace("@", f"{folder}/") for word in self.words.split()]
        more = ["--threads", str(threads), "--quiet"]
        return [sys.executable, "-m", f"clrna.cli.{self.executable}", *words, *more]

    def reference_command(self, reference: str, folder: Path) -> list[str]:
        """Return the command of one of the references."""
        return [sys.executable, str(HERE / "references.py"), reference, str(folder / self.of)]


# In an order in which each finds what it reads.
_TEXT = "@samples.tsv --metadata @samples.obs.tsv -o @merged.h5ad"
_READERS = ("read_text", "read_text_by_polars")
_SILHOUETTE = "@pca.h5ad --metrics silhouette --bootstrap 0 -o @s.tsv"
_NETWORK = "--preset original-20 --hidden 512 --latent-dim 128 --epochs 1"
_PUBLISHED = f"@samples.h5ad --preset original-943 --epochs {EPOCHS} -o @published.safetensors"
_PACKAGED = "@one.h5ad -m pan-cancer-small -o @one.packaged.h5ad"
STEPS = (
    Step("normalize: text", "normalize", _TEXT, _READERS, "samples.tsv"),
    Step("normalize: text, not compressed", "normalize", f"{_TEXT} --compression none", _READERS, "samples.tsv"),
    Step("baseline: PCA", "baseline", "@samples.h5ad --methods pca -o @pca.h5ad", ("pca",)),
    Step("baseline: ComBat", "baseline", "@samples.h5ad --methods combat -o @combat.h5ad", ("combat",)),
    Step("baseline: all four", "baseline", "@samples.h5ad -o @all.h5ad"),
    Step("score: silhouette", "score", _SILHOUETTE, ("silhouette",), "pca.h5ad"),
    Step("score: all of one embedding", "score", "@pca.h5ad -o @s.tsv"),
    Step("plot: UMAP", "plot", "@pca.h5ad --projections umap -o @umap.png", ("umap",), "pca.h5ad"),
    Step("plot: report", "plot", "@pca.h5ad -o @report.html", first=True),
    Step("train: default", "train", "@samples.h5ad -o @model.safetensors"),
    Step("train: one epoch", "train", f"@samples.h5ad {_NETWORK} -o @net.safetensors", ("train",)),
    Step("train: published network in fp32", "train", f"{_PUBLISHED} --precision fp32", ("train_published",)),
    Step("train: published network in bf16", "train", f"{_PUBLISHED} --precision bf16", ("train_published",)),
    Step("encode: all", "encode", "@samples.h5ad -m @model.safetensors -o @encoded.h5ad"),
    Step("encode: one sample", "encode", "@one.h5ad -m @model.safetensors -o @one.encoded.h5ad", first=True),
    Step("encode: packaged model", "encode", "@samples.h5ad -m pan-cancer-small -o @packaged.h5ad"),
    Step("encode: one sample by packaged model", "encode", _PACKAGED, first=True),
)
