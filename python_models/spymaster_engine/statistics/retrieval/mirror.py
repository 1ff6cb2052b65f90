"""Mirrored approaches of the other direction.

Price coming down to a level from above mirrors price coming up from below, with bids for asks. A
model can therefore train on both, once each feature takes the place and sign of its image.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# in place of a column where a feature has no image
NO_IMAGE = -1


class Mirror(NamedTuple):
    """The image of each column of a vector with its context.

    Attributes:
        columns: per column, its original column of the other direction, or NO_IMAGE.
        signs: 1, or -1 where the image has the opposite sign.
    """

    columns: tuple[int, ...]
    signs: tuple[int, ...]

    def image(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return raw vectors of the other direction as this direction would have seen them.

        Args:
            vectors: (n, e) float32, vectors of the other direction with their context.

        Returns:
            (n, d) float32, NaN in columns without image.
        """
        columns = np.array(self.columns)
        has_image = columns != NO_IMAGE
        seen = vectors[:, np.where(has_image, columns, 0)]
        seen *= np.array(self.signs, np.float32)
        seen[:, ~has_image] = np.nan
        return seen
