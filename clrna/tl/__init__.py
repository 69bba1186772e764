"""Tools: learn features, encode samples, explain labels, compute what features are compared with, and score both."""

from clrna.tl._baselines import baselines
from clrna.tl._encode import encode
from clrna.tl._explain import explain
from clrna.tl._match import match
from clrna.tl._score import score
from clrna.tl._train import train

__all__ = ["baselines", "encode", "explain", "match", "score", "train"]
