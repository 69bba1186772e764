"""What the values of a study were found to be."""

from dataclasses import dataclass

from clrna.scale.scale_name import Scale


@dataclass(frozen=True)
class ScaleDetection:
    """What the values are held to be, the observation behind it, and what speaks against it."""

    scale: Scale
    why: str
    doubt: str = ""

    @property
    def question(self) -> str:
        """What to ask the user where something speaks against it, with the mend."""
        return f"is it {self.scale.name}? {self.doubt}; else state --input-scale"
