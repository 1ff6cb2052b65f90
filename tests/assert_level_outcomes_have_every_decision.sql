-- A missing row looks like a decision without label: every primary or inactive level, and every
-- level with a decision, has a row per barrier and horizon at the end of every decision window.
with

decisions as (
    select
        symbol,
        dt,
        count(*) filter (is_primary or not is_active or is_eligible)
        * 2 * {{ var('horizons_s') | length + var('horizon_bars') + 1 }} as expected_count
    from {{ ref('level_decisions') }}
    where {{ untested_partitions('level_outcomes') }}
    group by symbol, dt
),

outcomes as (
    select
        symbol,
        dt,
        count(*) as row_count
    from {{ ref('level_outcomes') }}
    where {{ untested_partitions('level_outcomes') }}
    group by symbol, dt
)

select
    decisions.*,
    outcomes.row_count
from decisions
left join outcomes
    on
        decisions.symbol = outcomes.symbol
        and decisions.dt = outcomes.dt
where decisions.expected_count is distinct from outcomes.row_count
