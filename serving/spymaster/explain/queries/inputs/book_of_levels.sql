-- Books at the prices that the levels had at the ends of their windows
select books.*
from steps.level_book_1s as books
where
    books.symbol = $symbol
    and books.dt = $dt
    and books.window_start_ts >= $from_ts
    and books.window_start_ts < $to_ts
    and books.level_tick in (
        select anchors.level_tick
        from steps.level_anchors_1s as anchors
        where
            anchors.symbol = $symbol
            and anchors.dt = $dt
            and anchors.window_end_ts > $from_ts
            and anchors.window_end_ts <= $to_ts
            and list_contains($level_ids, anchors.level_id)
            and epoch(anchors.window_end_ts) % $window_s = 0
    )
