{#
    Query of the offsets of levels from spot, the columns of level_offset_1s: CTEs and the query
    after them. The caller names the relations `levels`, `contract_day` and `level_settings`.
#}
{% macro level_offsets() -%}
    {%- set speeds_s = [3, 15] -%}
    {%- set over_s, pause_s = var('approach_over_s'), var('approach_pause_s') -%}
    {%- set lookbacks = (speeds_s + [over_s, pause_s]) | unique | list -%}
    {{ mid_moves(lookbacks) }},

    offsets as (
        select
            levels.symbol,
            levels.dt,
            levels.window_end_ts,
            levels.level_id,
            cast(levels.level_tick - seconds.spot_tick as integer) as k_ticks,
            seconds.sigma_1s_ticks,
            {% for lookback in lookbacks %}
                seconds.moved_half_ticks_{{ lookback }}s,
            {% endfor %}
            sign(levels.level_tick - seconds.spot_tick) as side_of_spot,
            seconds.moved_half_ticks_{{ over_s }}s / 2 as approach_move_ticks,
            -- without volatility the least move alone
            greatest(
                level_settings.approach_min_ticks,
                {{ var('approach_sigma') }} * seconds.sigma_1s_ticks * sqrt({{ over_s }})
            ) as least_move_ticks
        from levels
        inner join seconds on levels.window_end_ts = seconds.window_end_ts
        cross join level_settings
    ),

    closing as (
        select
            *,
            side_of_spot * moved_half_ticks_15s / 30 as closing_speed_15s
        from offsets
    )

    select
        symbol,
        dt,
        window_end_ts,
        level_id,
        k_ticks,
        k_ticks / nullif(sigma_1s_ticks * sqrt({{ var('sigma_lookback_s') }}), 0) as k_vol,
        sigma_1s_ticks,
        {% for speed_s in speeds_s %}
            moved_half_ticks_{{ speed_s }}s / {{ 2 * speed_s }} as speed_{{ speed_s }}s,
        {% endfor %}
        closing_speed_15s,
        case when closing_speed_15s > 0 then abs(k_ticks) / closing_speed_15s end as secs_to_touch,
        approach_move_ticks,
        case
            when
                abs(k_ticks) between 1 and {{ var('level_approach_max_ticks') }}
                and side_of_spot * approach_move_ticks >= least_move_ticks
                and side_of_spot * moved_half_ticks_{{ pause_s }}s >= 0
                then if(k_ticks > 0, 'approach_up', 'approach_down')
            else 'approach_none'
        end as approach_dir
    from closing
    order by window_end_ts, level_id
{%- endmacro %}
