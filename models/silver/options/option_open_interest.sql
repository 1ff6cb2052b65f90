with manifest as (
    select * from {{ ref('ingest_manifest') }}
),

statistics as (
    select * from {{ ref('option_statistics') }}
    -- 9 is open interest, 1 a new statistic
    where stat_type = 9 and update_action = 1 and quantity is not null and ts_ref is not null
),

days as (
    select distinct
        symbol,
        dt,
        root
    from manifest
    where dataset_key like 'bronze.future\_option%' escape '\'
),

-- statistics received on a day or before it, of earlier trade dates
received as (
    select
        days.symbol,
        days.dt,
        days.root,
        statistics.option_symbol,
        statistics.ts_recv,
        statistics.quantity,
        cast(statistics.ts_ref as date) as oi_ref_date,
        row_number() over (
            partition by days.symbol, days.dt, statistics.option_symbol, statistics.ts_recv
            order by statistics.rec_ordinal desc
        ) as recency,
        row_number() over (
            partition by days.symbol, days.dt, statistics.option_symbol, statistics.dt
            order by statistics.ts_recv desc, statistics.rec_ordinal desc
        ) as recency_of_day,
        max(statistics.dt) filter (where statistics.dt < days.dt) over (
            partition by days.symbol, days.dt, statistics.option_symbol
        ) as last_earlier_dt,
        statistics.dt as received_dt
    from days
    inner join statistics
        on
            days.symbol = statistics.symbol
            and days.dt >= statistics.dt
            and days.dt <= statistics.dt + {{ var('open_interest_max_age_days') }}
            and cast(statistics.ts_ref as date) < days.dt
)

select
    symbol,
    dt,
    root,
    option_symbol,
    ts_recv as known_from_ts,
    lead(ts_recv) over (
        partition by symbol, dt, option_symbol
        order by ts_recv
    ) as known_until_ts,
    quantity as open_interest,
    oi_ref_date
from received
where
    recency = 1
    and (received_dt = dt or (received_dt = last_earlier_dt and recency_of_day = 1))
