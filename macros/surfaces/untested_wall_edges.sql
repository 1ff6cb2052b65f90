{#
    Query of the partitions of relations over the wall that are to be tested, with prices about its
    upper edge where spot is lowest.
#}
{% macro untested_wall_edges(relations) -%}
    select
        snapshot.symbol,
        snapshot.dt,
        min(snapshot.spot_ref_price_int) + any_value(contract_day.tick_int)
        * {{ var('wall_max_ticks') - zone_ticks() }} as least_price_int,
        min(snapshot.spot_ref_price_int) + any_value(contract_day.tick_int)
        * {{ var('wall_max_ticks') + zone_ticks() }} as most_price_int
    from {{ ref('book_snapshot_1s') }} as snapshot
    inner join {{ ref('contract_days') }} as contract_day using (symbol, dt)
    inner join ({{ untested(relations) }}) as partitions using (symbol, dt)
    where snapshot.window_valid
    group by all
    order by snapshot.dt, snapshot.symbol
{%- endmacro %}
