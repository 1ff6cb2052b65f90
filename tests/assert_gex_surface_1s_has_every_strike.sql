-- Every second of the surface window with a spot has all strikes of the grid, in the
-- surface and in the profile, and a summary.
with gex_settings as (
    select * from {{ ref('gex_settings') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

seconds as (
    select
        book.symbol,
        book.dt,
        book.window_end_ts
    from {{ ref('book_snapshot_1s') }} as book
    inner join gex_settings
        on
            book.symbol = gex_settings.symbol
            and book.dt = gex_settings.dt
    inner join contract_days
        on
            book.symbol = contract_days.symbol
            and book.dt = contract_days.dt
    where
        book.spot_ref_price_int is not null
        and {{ is_in_surface_window('book.window_start_ts', 'contract_days.option_windows') }}
        and {{ is_selected_partition('book.symbol', 'book.dt') }}
),

strikes as (
    select
        symbol,
        dt,
        window_end_ts,
        count(*) as strike_count
    from {{ ref('gex_surface_1s') }}
    where {{ is_selected_partition('symbol', 'dt') }}
    group by symbol, dt, window_end_ts
),

profiles as (
    select
        symbol,
        dt,
        window_end_ts,
        count(*) as price_count
    from {{ ref('gex_profile_1s') }}
    where {{ is_selected_partition('symbol', 'dt') }}
    group by symbol, dt, window_end_ts
),

summaries as (
    select
        symbol,
        dt,
        window_end_ts
    from {{ ref('gex_summary_1s') }}
)

select seconds.*
from seconds
left join strikes
    on
        seconds.symbol = strikes.symbol
        and seconds.dt = strikes.dt
        and seconds.window_end_ts = strikes.window_end_ts
left join profiles
    on
        seconds.symbol = profiles.symbol
        and seconds.dt = profiles.dt
        and seconds.window_end_ts = profiles.window_end_ts
left join summaries
    on
        seconds.symbol = summaries.symbol
        and seconds.dt = summaries.dt
        and seconds.window_end_ts = summaries.window_end_ts
where
    coalesce(strikes.strike_count, 0) != {{ 2 * var('gex_strikes') + 1 }}
    or coalesce(profiles.price_count, 0) != {{ 2 * var('gex_strikes') + 1 }}
    or summaries.window_end_ts is null
