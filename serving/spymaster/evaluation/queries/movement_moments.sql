-- a movement is member 0 of its set, its matched moments 1 and more
with

movements as (
    select
        movements.symbol,
        movements.dt,
        movements.start_window_end_ts
    from gold.key_movements as movements
    inner join silver.mbo_contract_day_selection as selection
        on
            movements.symbol = selection.selected_symbol
            and movements.dt = selection.session_date
    where selection.root = $root and movements.direction = $direction
),

matches as (
    select * from gold.key_movement_matches
),

-- a movement without any match has nothing to be compared with
moments as (
    select
        symbol as set_symbol,
        start_window_end_ts,
        dt as set_dt,
        0 as member_no,
        symbol,
        dt,
        start_window_end_ts as moment_ts
    from movements
    semi join matches using (symbol, dt, start_window_end_ts)
    union all by name
    select
        matches.symbol as set_symbol,
        matches.start_window_end_ts,
        matches.dt as set_dt,
        matches.match_number as member_no,
        matches.match_symbol as symbol,
        matches.match_dt as dt,
        matches.match_window_end_ts as moment_ts
    from matches
    inner join movements using (symbol, dt, start_window_end_ts)
)

select
    symbol,
    dt,
    cast(epoch(moment_ts) as bigint) as moment_s,
    set_dt,
    concat_ws('|', set_symbol, epoch_us(start_window_end_ts)) as set_name,
    member_no
from moments
order by dt, symbol, moment_ts, set_dt, set_name, member_no
