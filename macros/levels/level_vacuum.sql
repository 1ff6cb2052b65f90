{#
    Query of the liquidity features around the levels with their differences, for windows of
    `window_s` seconds: the columns of level_vacuum_1s from the relations `level_anchors` and
    `level_book`, which the caller names. `level_book` has a row per window and level price.
#}
{% macro level_vacuum(window_s) -%}
    {%- set features = radar_features() -%}
    sums as (
        select
            level_anchors.level_id,
            level_anchors.window_end_ts,
            level_anchors.level_price_int,
            level_anchors.k_ticks,
            level_anchors.approach_dir,
            level_book.*
        from level_anchors
        inner join level_book
            on
                level_anchors.symbol = level_book.symbol
                and level_anchors.dt = level_book.dt
                and level_anchors.level_tick = level_book.level_tick
                and level_anchors.window_end_ts = level_book.window_start_ts + interval {{ window_s }} second
    ),

    features as (
        select
            symbol,
            dt,
            window_start_ts,
            window_end_ts,
            level_id,
            level_price_int,
            k_ticks,
            approach_dir,
            window_valid,
            {% for name, formula in features.items() %}
                case when window_valid then {{ formula }} end as {{ name }}{{ "," if not loop.last }}
            {% endfor %}
        from sums
    ),

    {% for order in [1, 2, 3] %}
        differences_{{ order }} as (
            select
                *,
                {% for name in features %}
                    {% set value = name if order == 1 else 'd' ~ (order - 1) ~ '_' ~ name %}
                    {{ consecutive_difference(value, window_s) }}
                        as d{{ order }}_{{ name }}{{ "," if not loop.last }}
                {% endfor %}
            from {{ 'features' if order == 1 else 'differences_' ~ (order - 1) }}
            window seconds as (partition by symbol, dt, level_id order by window_start_ts)
        ){{ "," if not loop.last }}
    {% endfor %}

    select  -- noqa: ST06
        symbol,
        dt,
        window_start_ts,
        window_end_ts,
        level_id,
        level_price_int,
        k_ticks,
        approach_dir,
        {% for prefix in ['', 'd1_', 'd2_', 'd3_'] %}
            {% for name in features %}
                {{ prefix }}{{ name }},
            {% endfor %}
        {% endfor %}
        window_valid
    from differences_3
{%- endmacro %}
