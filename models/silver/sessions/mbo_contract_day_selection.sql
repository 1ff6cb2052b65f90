{% set override = var('contract_override') %}
{% set trim = var('run_trim') %}

with

session_trades as (
    select * from {{ ref('contract_session_trades') }}
),

landed_partitions as (
    select * from {{ ref('contract_days') }}
    where trades_fingerprint is not null
),

definitions as (
    select * from {{ ref('instrument_definitions') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

market_holidays as (
    select * from {{ ref('market_holidays') }}
),

contract_sessions as (
    select
        root,
        symbol,
        session_date,
        cast(sum(volume) as bigint) as volume,
        cast(sum(study_trade_count) as bigint) as study_trade_count
    from session_trades
    group by root, symbol, session_date
),

root_sessions as (
    select
        root,
        session_date,
        lag(session_date) over (partition by root order by session_date) as prev_trading_date
    from contract_sessions
    group by root, session_date
),

sessions as (
    select
        root_sessions.root,
        root_sessions.session_date,
        root_sessions.prev_trading_date,
        {{ globex_bounds_utc(
            'root_sessions.session_date',
            'instruments.session_open_local',
            'instruments.session_close_local',
            'instruments.session_tz'
        ) }} as bounds
    from root_sessions
    inner join instruments
        on root_sessions.root = instruments.root
),

-- A choice uses what was known when the session opened. The first date has no earlier volume; it
-- uses its own definitions.
days as (
    select
        sessions.root,
        sessions.session_date,
        sessions.prev_trading_date,
        case
            when sessions.prev_trading_date is null then sessions.bounds.end_ts
            else sessions.bounds.start_ts
        end as known_before_ts
    from sessions
),

contracts as (
    select
        root,
        symbol,
        min(dt) as first_dt
    from landed_partitions
    group by root, symbol
),

expirations as (
    select
        raw_symbol,
        {{ ny_date('expiration') }} as exp_date,
        min(ts_recv) as known_from_ts
    from definitions
    where instrument_class = 'F' and expiration is not null
    group by raw_symbol, exp_date
),

contracts_of_dates as (
    select
        days.root,
        days.session_date,
        days.prev_trading_date,
        contracts.symbol,
        -- a symbol recurs after ten years
        min(expirations.exp_date) as exp_date
    from days
    inner join contracts
        on
            days.root = contracts.root
            and days.session_date >= contracts.first_dt
    left join expirations
        on
            contracts.symbol = expirations.raw_symbol
            and days.session_date <= expirations.exp_date
            and days.known_before_ts > expirations.known_from_ts
    group by
        days.root,
        days.session_date,
        days.prev_trading_date,
        contracts.symbol
),

candidates as (
    select
        contracts_of_dates.*,
        previous.volume as prev_volume,
        coalesce(today.study_trade_count, 0) as study_trade_count,
        count(*) over root_day = 1 as is_only_one
    from contracts_of_dates
    left join contract_sessions as previous
        on
            contracts_of_dates.root = previous.root
            and contracts_of_dates.symbol = previous.symbol
            and contracts_of_dates.prev_trading_date = previous.session_date
    left join contract_sessions as today
        on
            contracts_of_dates.root = today.root
            and contracts_of_dates.symbol = today.symbol
            and contracts_of_dates.session_date = today.session_date
    window root_day as (partition by contracts_of_dates.root, contracts_of_dates.session_date)
),

ranked as (
    select
        *,
        row_number() over (
            partition by root, session_date
            order by prev_volume desc, exp_date asc nulls last, symbol asc
        ) as volume_rank
    from candidates
    where
        prev_volume is not null
        and (exp_date > session_date or (exp_date is null and is_only_one))
),

bootstrap as (
    select
        root,
        session_date,
        symbol,
        exp_date
    from candidates
    where
        prev_trading_date is null
        and (
            is_only_one
            {% for root, symbol in override.items() %}
                or (root = '{{ root }}' and symbol = '{{ symbol }}')
            {% endfor %}
        )
),

choices as (
    select
        root,
        session_date,
        symbol,
        exp_date
    from ranked
    where volume_rank = 1
    union all
    select * from bootstrap
),

-- never back to a contract that expires earlier
selected as (
    select
        root,
        session_date,
        case when exp_date is not null then max(exp_date) over so_far end as exp_date,
        case
            when exp_date is null then symbol
            else arg_max(symbol, row(exp_date, symbol)) filter (exp_date is not null) over so_far
        end as symbol
    from choices
    window so_far as (partition by root order by session_date)
),

volumes as (
    select
        days.root,
        days.session_date,
        days.prev_trading_date,
        selected.symbol as selected_symbol,
        selected.exp_date as selected_exp_date,
        previous.volume as prev_volume_selected,
        second_ranked.prev_volume as prev_volume_rank2
    from days
    left join selected
        on
            days.root = selected.root
            and days.session_date = selected.session_date
    left join contract_sessions as previous
        on
            selected.root = previous.root
            and selected.symbol = previous.symbol
            and days.prev_trading_date = previous.session_date
    left join ranked as second_ranked
        on
            days.root = second_ranked.root
            and days.session_date = second_ranked.session_date
            and second_ranked.volume_rank = 2
),

dominance as (
    select
        root,
        session_date,
        cast(sum(study_trade_count) as bigint) as total_trade_count,
        first(
            symbol
            order by study_trade_count desc, exp_date asc nulls last, symbol asc
        ) filter (study_trade_count > 0) as dominant_symbol,
        max(study_trade_count) filter (study_trade_count > 0) as trade_count_dominant
    from candidates
    group by root, session_date
),

{{ expected_session_dates('days', 'instruments', 'market_holidays') }},

dominance_calendar as (
    select
        calendar.root,
        calendar.session_date,
        dominance.dominant_symbol,
        dominance.trade_count_dominant / dominance.total_trade_count as dominance_ratio,
        dominance.total_trade_count,
        dominance.trade_count_dominant,
        coalesce(dominance_ratio >= {{ var('dominance_min') }}, false) as is_dominated
    from calendar
    left join dominance
        on
            calendar.root = dominance.root
            and calendar.session_date = dominance.session_date
),

neighbors as (
    select
        *,
        lag(case when is_dominated then dominant_symbol end) over (
            partition by root
            order by session_date
        ) as previous_dominant_symbol
    from dominance_calendar
),

run_starts as (
    select
        *,
        (is_dominated and dominant_symbol is distinct from previous_dominant_symbol) as is_run_start
    from neighbors
),

numbered_dates as (
    select
        *,
        count(*) filter (is_run_start) over (
            partition by root
            order by session_date
        ) as run_id
    from run_starts
),

runs as (
    select
        root,
        session_date,
        run_id,
        row_number() over (partition by root, run_id order by session_date) - 1 as run_pos,
        count(*) over root_run as run_len,
        median(trade_count_dominant) over root_run as median_trade_count_run
    from numbered_dates
    where is_dominated
    window root_run as (partition by root, run_id)
),

joined as (
    select
        volumes.*,
        dominance_calendar.dominant_symbol,
        dominance_calendar.dominance_ratio,
        dominance_calendar.total_trade_count,
        dominance_calendar.trade_count_dominant,
        runs.run_id,
        runs.run_pos,
        runs.run_len,
        runs.median_trade_count_run,
        dominance_calendar.trade_count_dominant / runs.median_trade_count_run as trade_count_ratio,
        -- the latest date that has one
        lag(volumes.selected_symbol ignore nulls) over (
            partition by volumes.root
            order by volumes.session_date
        ) as previous_selected_symbol
    from volumes
    inner join dominance_calendar
        on
            volumes.root = dominance_calendar.root
            and volumes.session_date = dominance_calendar.session_date
    left join runs
        on
            volumes.root = runs.root
            and volumes.session_date = runs.session_date
)

select
    root,
    session_date,
    selected_symbol,
    selected_exp_date,
    cast(selected_exp_date - session_date as integer) as days_to_expiry,
    prev_trading_date,
    prev_volume_selected,
    prev_volume_rank2,
    case
        when selected_symbol is not null
            then coalesce(selected_symbol != previous_selected_symbol, false)
    end as roll_flag,
    dominant_symbol,
    dominance_ratio,
    total_trade_count,
    trade_count_dominant,
    run_id,
    run_pos,
    run_len,
    median_trade_count_run,
    trade_count_ratio,
    coalesce(
        run_pos between {{ trim }} and run_len - {{ trim }} - 1
        and trade_count_ratio >= {{ var('liquidity_min') }},
        false
    ) as include_flag,
    true as uses_future
from joined
