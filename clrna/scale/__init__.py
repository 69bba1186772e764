"""Scales of expression: their names, how they are told from the values, and exact conversion between them."""

from clrna.scale.conversion import convert, to_linear, to_log2, zeros_for_their_logarithm
from clrna.scale.input_scale import parse_input_scale
from clrna.scale.library_size import normalize_counts
from clrna.scale.scale_check import check_scale
from clrna.scale.scale_detection import ScaleDetection, detect_scale
from clrna.scale.scale_name import EXPRESSION, ZSCORE, Scale, parse_scale
from clrna.scale.stray_values import StrayValueError

__all__ = [
    "EXPRESSION",
    "ZSCORE",
    "Scale",
    "ScaleDetection",
    "StrayValueError",
    "check_scale",
    "convert",
    "detect_scale",
    "normalize_counts",
    "parse_input_scale",
    "parse_scale",
    "to_linear",
    "to_log2",
    "zeros_for_their_logarithm",
]
