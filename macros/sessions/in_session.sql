{#
    True when the UTC timestamp lies in session `name`, by the clock alone: names as in
    session_bounds_utc; weekends, holidays and early closes are in silver.trading_hours.
#}
{% macro in_session(ts, name, symbol=none) -%}
    {%- if name == 'globex' and symbol -%}
        (
            select
                case
                    when instruments.session_open_local < instruments.session_close_local
                        then
                            cast({{ local_of_utc(ts, 'instruments.session_tz') }} as time)
                            >= instruments.session_open_local
                            and cast({{ local_of_utc(ts, 'instruments.session_tz') }} as time)
                            < instruments.session_close_local
                    else
                        cast({{ local_of_utc(ts, 'instruments.session_tz') }} as time)
                        < instruments.session_close_local
                        or cast({{ local_of_utc(ts, 'instruments.session_tz') }} as time)
                        >= instruments.session_open_local
                end
            from {{ ref('instruments') }} as instruments
            where instruments.root = {{ root_of(symbol) }}
        )
    {%- else -%}
        {%- set window = session_window(name) -%}
        (
            cast({{ ny_local(ts) }} as time) >= time '{{ window[0] }}'
            and cast({{ ny_local(ts) }} as time) < time '{{ window[1] }}'
        )
    {%- endif -%}
{%- endmacro %}
