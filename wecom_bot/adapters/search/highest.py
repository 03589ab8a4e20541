"""The few highest of many numbers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def highest(values: "NDArray[np.floating]", most: int) -> list[int]:
    """Where the highest stand, the highest first; of equal ones those that come first. Nothing else is sorted."""
    import numpy as np  # noqa: PLC0415 - comes with the model's runtime

    if most >= len(values):
        places = np.arange(len(values))
    else:
        places = np.flatnonzero(values >= np.partition(values, -most)[-most])
    order = np.argsort(-values[places], kind="stable")[:most]
    return [int(place) for place in places[order]]
