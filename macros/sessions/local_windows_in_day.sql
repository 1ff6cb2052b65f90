{#
    The parts of UTC day `dt` whose New York time of day lies in [from_local, to_local), as a list
    of {start_ts, end_ts} in UTC. A window that ends at or before its start runs past midnight.
#}
{% macro local_windows_in_day(dt, from_local, to_local) -%}
    {%- for time in (from_local, to_local) -%}
        {%- if not modules.re.fullmatch('([01][0-9]|2[0-3]):[0-5][0-9]', time | string) -%}
            {{ exceptions.raise_compiler_error(
                "surface_window: '" ~ time ~ "' is not a time; give `all` or two quoted times, "
                ~ "for example ['09:15', '12:30']"
            ) }}
        {%- endif -%}
    {%- endfor -%}
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
