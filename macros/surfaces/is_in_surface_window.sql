{#
    True when a second lies in one of the windows of contract_days.surface_windows; NULL
    means every second.
#}
{% macro is_in_surface_window(window_start_ts, surface_windows) -%}
    (
        {{ surface_windows }} is null
        or len(
            list_filter(
                {{ surface_windows }},
                part -> {{ window_start_ts }} >= part.start_ts
                and {{ window_start_ts }} < part.end_ts
            )
        ) > 0
    )
{%- endmacro %}
