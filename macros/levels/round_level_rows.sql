{#
    Query of the round levels next to spot: moment_ts, level_id, priority, level_ticks,
    available_from_ts. Where N points are no whole number of ticks there are none. The arguments are
    relations of one contract-day: its seconds with spot, the definitions of levels, and the
    contract-day.
#}
{% macro round_level_rows(seconds, definitions, contract_day) -%}
    with steps as (
        {%- for row in round_levels() %}
        select
            '{{ row["level_id"] }}' as level_id,
            cast(
                cast({{ row['points'] }} as decimal(18, 9)) * {{ price_scale() }} as bigint
            ) as step_int
        {{ "union all" if not loop.last }}
        {%- endfor %}
    ),

    in_ticks as (
        select
            definitions.level_id,
            definitions.edge,
            definitions.priority,
            contract_day.tick_int,
            steps.step_int // contract_day.tick_int as step_ticks
        from {{ definitions }} as definitions
        inner join steps on definitions.level_id = steps.level_id
        cross join {{ contract_day }} as contract_day
        where steps.step_int % contract_day.tick_int = 0
    ),

    spots as (
        select
            in_ticks.*,
            seconds.window_end_ts as moment_ts,
            seconds.spot_ref_price_int // in_ticks.tick_int as spot_tick
        from {{ seconds }} as seconds
        cross join in_ticks
        where seconds.spot_ref_price_int is not null
    )

    select
        moment_ts,
        level_id,
        priority,
        case edge
            when 'even'
                then floor((spot_tick + step_ticks) / (2 * step_ticks)) * 2 * step_ticks
            else floor(spot_tick / (2 * step_ticks)) * 2 * step_ticks + step_ticks
        end as level_ticks,
        moment_ts as available_from_ts
    from spots
{%- endmacro %}
