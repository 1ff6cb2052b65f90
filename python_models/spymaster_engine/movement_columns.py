"""Columns that go into the scan for key movements and come out of it."""

# of the scanned seconds: end of the second, mid in half ticks, and the least move in ticks
SECONDS = ("second_s", "mid_half_ticks", "threshold_ticks")
# of the movements: seconds of the row that the scan stood at, of the last extreme before the move
# and of its end, the last second looked at until the movement was certain, and 1 up, -1 down
MOVEMENTS = ("scanned_s", "start_s", "end_s", "looked_until_s", "direction")
