-- noqa: disable=AM04
-- An open bar must not move an average: between bar ends the value is constant, and it uses only
-- bars that have ended.
with

levels as (
    select
        levels.*,
        lag(levels.level_price) over level_seconds as earlier_price,
        lag(levels.available_from_ts) over level_seconds as earlier_available_from_ts
    from {{ ref('levels_1s') }} as levels
    inner join {{ ref('level_definitions') }} as definitions
        on
            levels.level_id = definitions.level_id
            and definitions.level_kind = 'sma'
    where {{ untested_partitions('levels_1s') }}
    window level_seconds as (
        partition by levels.symbol, levels.dt, levels.level_id
        order by levels.window_end_ts
    )
)

select * from levels
where
    (
        available_from_ts = earlier_available_from_ts
        and level_price != earlier_price
    )
    or epoch(available_from_ts) % {{ var('sma_bar_s') }} != 0
    or available_from_ts > window_end_ts
