from clrna import datasets as datasets
from clrna import errors as errors
from clrna import pl as pl
from clrna import pp as pp
from clrna import tl as tl
from clrna.api.estimator import CenterLossEncoder as CenterLossEncoder
from clrna.api.model import Model as Model
from clrna.api.reading import read as read

__version__: str
__all__: list[str]
