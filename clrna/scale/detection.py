"""What the values of a study were found to be."""

from dataclasses import dataclass

from clrna.scale.scale_name import Scale


@dataclass(frozen=True)
class ScaleDetection:
    """What the values are held to be, the observation behind it, and what speaks against it."""

    scale: Scale
    why: str
    doubt: str = ""
