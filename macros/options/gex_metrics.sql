{#
    Query of the calibrated exposure: gex_abs of each strike of the grid if known,
    in seconds whose window is valid (symbol, dt, window_start_ts, window_end_ts, gex_abs).
#}
{% macro gex_metrics() -%}
    {%- set surface = built_or_empty('gex_surface_1s') -%}
    select
        surface.symbol,
        surface.dt,
        surface.window_start_ts,
        surface.window_end_ts,
        surface.gex_abs
    from {{ surface }} as surface
    inner join {{ ref('book_snapshot_1s') }} as book
        on
            surface.symbol = book.symbol
            and surface.dt = book.dt
            and surface.window_start_ts = book.window_start_ts
    where book.window_valid and surface.gex_abs is not null
{%- endmacro %}
