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
                and level_anchors.window_end_ts
                = level_book.window_start_ts + interval {{ window_s }} second
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
                case when window_valid then {{ formula }} end
                    as {{ name }}{{ "," if not loop.last }}
            {% endfor %}
        from sums
    ),

    -- one pass over the rows in order instead of one per difference
    earlier as (
        select
            *,
            {{ earlier_values(features, window_s) }}
        from features
        window windows as (partition by symbol, dt, level_id order by window_start_ts)
    )

    select
        symbol,
        dt,
        window_start_ts,
        window_end_ts,
        level_id,
        level_price_int,
        k_ticks,
        approach_dir,
        {% for name in features %}
            {{ name }},
        {% endfor %}
        {{ differences(features) }},
        window_valid
    from earlier
{%- endmacro %}
