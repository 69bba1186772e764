"""Under which names the results of one model stand in a file."""

from dataclasses import dataclass

from clrna.constants import RECONSTRUCTION_LAYER, X_CLRNA
from clrna.errors import UsageError

_PREFIX = "X_"
_STEM = X_CLRNA.removeprefix(_PREFIX)


@dataclass(frozen=True)
class ResultNames:
    """``obsm`` key, ``obs`` columns and layer of one model's results."""

    codes: str
    label: str
    confidence: str
    second: str
    margin: str
    uncertain: str
    unlike_training: str
    distance: str
    seen: str
    reconstruction: str

    @property
    def columns(self) -> dict[str, str]:
        """The ``obs`` columns by what they hold."""
        return {
            "label": self.label,
            "confidence": self.confidence,
            "second": self.second,
            "margin": self.margin,
            "uncertain": self.uncertain,
            "unlike_training": self.unlike_training,
            "distance": self.distance,
            "seen": self.seen,
        }


def names_for(key: str) -> ResultNames:
    """Return the names that go with an ``obsm`` key.

    ``X_clrna`` gives ``clrna_label`` and so on, as the contract has them; ``X_other`` gives ``other_label``.

    Raises
    ------
    UsageError
        The key cannot be used: empty, holds a slash, or would take the names that belong to ``X_clrna``.
    """
    stem = key.removeprefix(_PREFIX)
    if not stem.strip(" .") or "/" in key:
        raise UsageError(f"--key-added {key!r}: cannot be a key of obsm, write a name such as X_mymodel")
    if stem == _STEM and key != X_CLRNA:
        raise UsageError(
            f"--key-added {key!r}: its columns would be those of {X_CLRNA}, write a name such as X_mymodel"
        )
    layer_suffix = RECONSTRUCTION_LAYER.removeprefix(_STEM)
    return ResultNames(
        codes=key,
        label=f"{stem}_label",
        confidence=f"{stem}_confidence",
        second=f"{stem}_second",
        margin=f"{stem}_margin",
        uncertain=f"{stem}_uncertain",
        unlike_training=f"{stem}_unlike_training",
        distance=f"{stem}_distance",
        seen=f"{stem}_seen",
        reconstruction=f"{stem}{layer_suffix}",
    )
