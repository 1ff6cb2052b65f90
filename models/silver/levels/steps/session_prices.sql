-- noqa: disable=ST05
{{ partitioned_by('contract_trades') }}

{% set session = [
    'instruments.session_open_local', 'instruments.session_close_local', 'instruments.session_tz'
] %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

-- a UTC day holds parts of up to three sessions
sessions as (
    select
        dates.session_date,
        {{ product_session_start('dates.session_date', *session) }} as session_start_ts,
        {{ utc_of_local(
            'dates.session_date + instruments.session_close_local', 'instruments.session_tz'
        ) }} as session_end_ts,
        {{ session_bounds_utc('dates.session_date', 'rth_study') }}.start_ts as study_start_ts
    from contract_day
    inner join instruments on contract_day.root = instruments.root
    cross join (
        select {{ partition_value('dt') }} + unnest([-1, 0, 1]) as session_date
    ) as dates
),

trades as (
    select
        sessions.*,
        contract_trades.window_start_ts,
        contract_trades.trade_no,
        contract_trades.price_int,
        contract_trades.size
    from {{ ref('contract_trades') }} as contract_trades
    inner join sessions
        on
            contract_trades.window_start_ts >= sessions.session_start_ts
            and contract_trades.window_start_ts
            < sessions.session_end_ts + to_seconds({{ var('session_close_grace_s') }})
    where
        {{ in_partition('contract_trades.symbol', 'contract_trades.dt') }}
        and contract_trades.price_int is not null
    -- a trade after the close belongs to the next session once that has begun
    qualify
        row_number() over (
            partition by contract_trades.trade_no
            order by sessions.session_date desc
        ) = 1
),

volumes as (
    select
        session_date,
        price_int,
        cast(sum(size) as bigint) as volume
    from trades
    group by session_date, price_int
),

profiles as (
    select
        session_date,
        list(
            struct_pack(price_int := price_int, volume := volume)
            order by price_int
        ) as profile
    from volumes
    {% if not uses_levels(['poc_prior', 'vah_prior', 'val_prior']) %}
        where false
    {% endif %}
    group by session_date
),

prices as (
    select
        session_date,
        min(session_start_ts) as session_start_ts,
        min(study_start_ts) as study_start_ts,
        min(window_start_ts) + interval 1 second as opened_ts,
        arg_min(price_int, trade_no) as open_price_int,
        max(price_int) as high_price_int,
        min(price_int) as low_price_int,
        arg_max(price_int, trade_no) as close_price_int,
        max(price_int) filter (where window_start_ts < study_start_ts) as overnight_high_price_int,
        min(price_int) filter (where window_start_ts < study_start_ts) as overnight_low_price_int
    from trades
    group by session_date
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    prices.session_date,
    prices.session_start_ts,
    prices.study_start_ts,
    prices.opened_ts,
    prices.open_price_int,
    prices.high_price_int,
    prices.low_price_int,
    prices.close_price_int,
    prices.overnight_high_price_int,
    prices.overnight_low_price_int,
    profiles.profile
from prices
left join profiles on prices.session_date = profiles.session_date
order by prices.session_date
