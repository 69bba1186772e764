"""How far apart colors look, to readers with and without color vision deficiency."""

import numpy as np

# Machado, Oliveira & Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Ottosson 2020, "A perceptual color space for image processing": linear RGB to cone responses to OKLab.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(color: str) -> np.ndarray:
    """Return #rrggbb as linear RGB."""
    values = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def seen(color: str, vision: str) -> np.ndarray:
    """Return a color in OKLab as somebody with that vision sees it."""
    simulated = np.clip(VISION[vision] @ linear(color), 0, 1)
    return _TO_LAB @ np.cbrt(_TO_CONES @ simulated)


def distance(one: str, two: str, vision: str) -> float:
    """Return the distance of two colors in OKLab; 0.02 is just noticeable."""
    return float(np.linalg.norm(seen(one, vision) - seen(two, vision)))


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio of WCAG 2, from 1 to 21."""
    light = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(color)) for color in (one, two))
    return (light[1] + 0.05) / (light[0] + 0.05)
