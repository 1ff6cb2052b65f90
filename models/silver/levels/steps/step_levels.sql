-- noqa: disable=ST05
{{ config(materialized='table') }}

{% set session = [
    'instruments.session_open_local', 'instruments.session_close_local', 'instruments.session_tz'
] %}

with

contract_days as (
    select * from {{ ref('contract_days') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

definitions as (
    select * from {{ ref('level_definitions') }}
),

own_levels as (
    select * from {{ ref('own_levels') }}
),

session_prices as (
    select * from {{ ref('session_prices') }}
),

days as (
    select
        contract_days.symbol,
        contract_days.dt,
        contract_days.root,
        dates.session_date,
        {{ product_session_start('dates.session_date', *session) }} as from_ts,
        {{ product_session_start('(dates.session_date + 1)', *session) }} as until_ts
    from contract_days
    inner join instruments on contract_days.root = instruments.root
    cross join lateral (
        select contract_days.dt + unnest([-1, 0, 1]) as session_date
    ) as dates
),

-- the sessions in force during a UTC day, by the clock, and until the next one
sessions_of_days as (
    select * from days
    where from_ts < cast(dt as timestamp) + interval 1 day and until_ts > cast(dt as timestamp)
),

-- the parts of a session in two UTC days are one session
sessions as (
    select
        symbol,
        session_date,
        min(study_start_ts) as study_start_ts,
        arg_min(opened_ts, dt) as opened_ts,
        arg_min(open_price_int, dt) as open_price_int,
        max(high_price_int) as high_price_int,
        min(low_price_int) as low_price_int,
        arg_max(close_price_int, dt) as close_price_int,
        max(overnight_high_price_int) as overnight_high_price_int,
        min(overnight_low_price_int) as overnight_low_price_int
    from session_prices
    group by symbol, session_date
),

sessions_before as (
    select
        sessions_of_days.*,
        sessions.session_date as prior_date,
        sessions.high_price_int,
        sessions.low_price_int,
        sessions.close_price_int
    from sessions_of_days
    asof inner join sessions
        on
            sessions_of_days.symbol = sessions.symbol
            and sessions_of_days.session_date > sessions.session_date
    where
        sessions.session_date
        >= sessions_of_days.session_date - {{ var('prior_session_max_days') }}
),

levels as (
    select
        symbol,
        dt,
        unnest(['prior_high', 'prior_low', 'prior_close']) as level_id,
        from_ts,
        until_ts,
        unnest([high_price_int, low_price_int, close_price_int]) as level_price_int
    from sessions_before

    {% if uses_levels(['overnight_high', 'overnight_low']) %}
        union all by name
        select
            sessions_of_days.symbol,
            sessions_of_days.dt,
            unnest(['overnight_high', 'overnight_low']) as level_id,
            sessions.study_start_ts as from_ts,
            sessions_of_days.until_ts,
            unnest([sessions.overnight_high_price_int, sessions.overnight_low_price_int])
                as level_price_int
        from sessions_of_days
        inner join sessions
            on
                sessions_of_days.symbol = sessions.symbol
                and sessions_of_days.session_date = sessions.session_date
        where sessions.overnight_high_price_int is not null
    {% endif %}

    {% for level_id, unit in [('week_open', 'week'), ('month_open', 'month')]
        if uses_levels([level_id]) %}
        union all by name
        select
            sessions_of_days.symbol,
            sessions_of_days.dt,
            '{{ level_id }}' as level_id,
            greatest(sessions_of_days.from_ts, sessions.opened_ts) as from_ts,
            sessions_of_days.until_ts,
            sessions.open_price_int as level_price_int
        from sessions_of_days
        inner join sessions
            on
                sessions_of_days.symbol = sessions.symbol
                and date_trunc('{{ unit }}', sessions_of_days.session_date)
                = date_trunc('{{ unit }}', sessions.session_date)
                and sessions_of_days.session_date >= sessions.session_date
        qualify
            row_number() over (
                partition by
                    sessions_of_days.symbol, sessions_of_days.dt, sessions_of_days.session_date
                order by sessions.session_date
            ) = 1
    {% endfor %}

    {% if uses_levels(['poc_prior', 'vah_prior', 'val_prior']) %}
        union all by name
        select
            sessions_before.symbol,
            sessions_before.dt,
            unnest(['poc_prior', 'vah_prior', 'val_prior']) as level_id,
            sessions_before.from_ts,
            sessions_before.until_ts,
            unnest([areas.poc_price_int, areas.high_price_int, areas.low_price_int])
                as level_price_int
        from sessions_before
        inner join ({{ value_areas('session_prices') }}) as areas
            on
                sessions_before.symbol = areas.symbol
                and sessions_before.prior_date = areas.session_date
    {% endif %}

    {% if uses_levels(['prior_settlement']) %}
        union all by name
        select * from ({{ prior_settlements('sessions_before', ref('future_statistics')) }})
    {% endif %}

    {% if uses_levels(['swing_high', 'swing_low']) %}
        union all by name
        select * from ({{ swings('sessions_of_days', ref('bars')) }})
    {% endif %}
),

-- a level of the contract itself goes before one of its product
own_levels_of_days as (
    select
        contract_days.symbol,
        contract_days.dt,
        own_levels.level_id,
        own_levels.known_from_ts as from_ts,
        own_levels.until_ts,
        own_levels.level_price_int
    from contract_days
    inner join own_levels
        on
            own_levels.symbol_or_root in (contract_days.symbol, contract_days.root)
            and own_levels.known_from_ts < cast(contract_days.dt as timestamp) + interval 1 day
            and coalesce(own_levels.until_ts > cast(contract_days.dt as timestamp), true)
    qualify
        row_number() over (
            partition by contract_days.symbol, contract_days.dt, own_levels.level_id
            order by own_levels.symbol_or_root = contract_days.symbol desc
        ) = 1
)

select
    levels.symbol,
    levels.dt,
    levels.level_id,
    levels.from_ts,
    levels.until_ts,
    levels.level_price_int
from levels
inner join definitions on levels.level_id = definitions.level_id
where
    levels.from_ts < levels.until_ts
    and levels.from_ts < cast(levels.dt as timestamp) + interval 1 day
    and levels.until_ts > cast(levels.dt as timestamp)
union all
select * from own_levels_of_days
order by symbol, dt, level_id, from_ts
