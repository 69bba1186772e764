"""Whether a stored column of categories is one, wherever it stands: also where it is copied without being read."""

import h5py
import numpy as np


def is_categorical(group: h5py.Group) -> bool:
    """Whether a group says that it holds codes and their categories."""
    return str(group.attrs.get("encoding-type", "")) == "categorical"


def categories_fault(group: h5py.Group) -> str:
    """Return why AnnData's library cannot read codes and categories, '' where it can; both lie within the file."""
    categories, codes = (group.get(name) for name in ("categories", "codes"))
    if not all(isinstance(item, h5py.Dataset) and len(item.shape or ()) == 1 for item in (categories, codes)):
        return "has no list of categories and codes; write it anew"
    if codes.dtype.kind not in "iu":
        return f"has codes that are no whole numbers ({codes.dtype}); write it anew"
    names, numbers = np.asarray(categories[()]), np.asarray(codes[()])
    if names.dtype.kind == "f" and np.isnan(names).any():
        return "has a category that is missing; write it anew"
    if len(set(names.tolist())) < len(names):
        return "has a category twice; write it anew"
    if numbers.size and not -1 <= int(numbers.min()) <= int(numbers.max()) < len(names):
        return f"has codes beyond its {len(names)} categories; write it anew"
    return ""
