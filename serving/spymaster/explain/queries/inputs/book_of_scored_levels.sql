-- Books at the prices of some levels
select books.*
from steps.level_book_1s as books
where
    books.symbol = $symbol
    and books.dt = $dt
    and books.window_start_ts >= $from_ts
    and books.window_start_ts < $to_ts
    and exists (
        select 1
        from steps.engine_levels_1s as levels
        where
            levels.symbol = $symbol
            and levels.dt = $dt
            and levels.window_start_ts = books.window_start_ts
            and levels.level_tick = books.level_tick
            and list_contains($level_ids, levels.level_id)
    )
