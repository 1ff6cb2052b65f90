"""The kernel of trigger vectors."""

from __future__ import annotations

import numpy as np
from spymaster_engine.kernels.levels.trigger_vectors import trigger_vectors


def test_a_zero_has_no_sign() -> None:
    # the same row, once as it is calculated and once as a file gives it back
    calculated = np.array([[-0.0, 1.0], [-0.0, -0.0], [-0.0, 2.0]])
    read = calculated + 0.0
    wanted = np.array([False, False, True])
    (_, ours), (_, theirs) = (trigger_vectors(rows, wanted, [2, 3]) for rows in (calculated, read))
    assert ours.tobytes() == theirs.tobytes()
    assert not np.signbit(ours[ours == 0]).any()
