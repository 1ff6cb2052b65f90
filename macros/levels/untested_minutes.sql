{#
    Query of the partitions of relations anchored at levels that are to be tested, with the first
    minute of every hour that has rows.
#}
{% macro untested_minutes(relations) -%}
    select
        anchors.symbol,
        anchors.dt,
        min(anchors.window_start_ts) as from_ts,
        min(anchors.window_start_ts) + interval 1 minute as to_ts
    from {{ ref('level_anchors_1s') }} as anchors
    inner join ({{ untested(relations) }}) as partitions using (symbol, dt)
    group by anchors.symbol, anchors.dt, date_trunc('hour', anchors.window_start_ts)
    order by anchors.dt, anchors.symbol, from_ts
{%- endmacro %}
