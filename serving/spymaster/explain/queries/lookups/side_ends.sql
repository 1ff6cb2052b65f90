-- Of each level the last second before at which price was not at it: it says from which side price
-- comes
select distinct max(levels.window_end_ts) as window_end_ts
from silver.levels_1s as levels
inner join silver.book_snapshot_1s as book on levels.window_end_ts = book.window_end_ts
where
    levels.symbol = $symbol
    and levels.dt = $dt
    and levels.is_active
    and list_contains($level_ids, levels.level_id)
    and levels.window_end_ts < $first_end_ts
    and book.symbol = $symbol
    and book.dt = $dt
    and levels.level_tick != book.spot_ref_price_int // $tick_int
group by levels.level_id;
