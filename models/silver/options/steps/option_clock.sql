{% set basis = var('time_basis') %}
{% if execute and basis not in ['calendar', 'trading'] %}
    {{ exceptions.raise_compiler_error("time_basis is calendar or trading, not '" ~ basis ~ "'") }}
{% endif %}

with

contracts as (
    select * from {{ ref('option_contracts') }}
),

-- from the day until the last option expires
spans as (
    select
        symbol,
        dt,
        cast(dt as timestamp) as from_ts,
        any_value(root) as root,
        greatest(max(cast(expiration as timestamp)), cast(dt + 1 as timestamp)) as to_ts
    from contracts
    group by symbol, dt
),

{% if basis == 'trading' %}
    instruments as (
        select * from {{ ref('instruments') }}
    ),

    market_holidays as (
        select * from {{ ref('market_holidays') }}
    ),

    root_days as (
        select
            root as symbol,
            root,
            cast(unnest(range(
                min(from_ts), max(to_ts) + interval 1 day, interval 1 day
            )) as date) as dt
        from spans
        group by root
    ),

    open_intervals as (
        {{ globex_intervals('root_days', 'instruments', 'market_holidays') }}
    ),

{% endif %}
running as (
    {% if basis == 'trading' %}
        select
            spans.symbol,
            spans.dt,
            open_intervals.open_ts as runs_from_ts,
            open_intervals.close_ts as runs_to_ts,
            {{ var('trading_sessions_per_year') }} * (
                epoch(instruments.session_close_local) - epoch(instruments.session_open_local)
                + 86400
            ) as year_s
        from spans
        inner join instruments on spans.root = instruments.root
        inner join open_intervals
            on
                spans.root = open_intervals.symbol
                and open_intervals.open_ts < spans.to_ts
                and open_intervals.close_ts > spans.from_ts
    {% else %}
        select
            symbol,
            dt,
            from_ts as runs_from_ts,
            to_ts as runs_to_ts,
            365 * 86400 as year_s
        from spans
    {% endif %}
)

select
    symbol,
    dt,
    runs_from_ts,
    runs_to_ts,
    cast(coalesce(
        sum(epoch_ns(runs_to_ts) - epoch_ns(runs_from_ts)) over (
            partition by symbol, dt
            order by runs_from_ts
            rows between unbounded preceding and 1 preceding
        ),
        0
    ) as bigint) as clock_ns,
    cast(year_s as double) as year_s
from running
