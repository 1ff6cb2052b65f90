{#
    The parts of UTC day `dt` whose local time of day lies in `window`, [from, to), as a list
    of {start_ts, end_ts} in UTC. A window that ends at or before its start runs past midnight.
#}
{% macro local_windows_in_day(dt, window) -%}
    {%- set pattern = '([01][0-9]|2[0-3]):[0-5][0-9]' -%}
    {%- if window is string or window | length != 2
        or not modules.re.fullmatch(pattern, window[0] | string)
        or not modules.re.fullmatch(pattern, window[1] | string) -%}
        {{ exceptions.raise_compiler_error(
            "surface_window: " ~ window ~ " is no pair of times; give `all` or two quoted times, "
            ~ "for example ['09:15', '12:30']"
        ) }}
    {%- endif -%}
    {%- set from_local, to_local = window -%}
    list_filter(
        list_transform(
            [{{ dt }} - 1, {{ dt }}, {{ dt }} + 1],
            local_date -> {
                'start_ts': greatest(
                    {{ utc_of_local("local_date + time '" ~ from_local ~ "'") }},
                    cast({{ dt }} as timestamp)
                ),
                'end_ts': least(
                    {{ utc_of_local(
                        "local_date + time '" ~ to_local ~ "'"
                        ~ (" + interval 1 day" if to_local <= from_local else "")
                    ) }},
                    cast({{ dt }} as timestamp) + interval 1 day
                )
            }
        ),
        part -> part.start_ts < part.end_ts
    )
{%- endmacro %}
