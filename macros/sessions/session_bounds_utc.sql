{#
    Struct {start_ts, end_ts} in UTC, end exclusive, of session `name` on local date `ny_date`:
    premarket, rth_study, opening_range, or globex, which needs the `symbol` of an outright future.
    Uses the clock alone: weekends, holidays and early closes are in silver.trading_hours.
#}
{% macro session_bounds_utc(ny_date, name, symbol=none) -%}
    {%- if name == 'globex' and symbol -%}
        (
            select
                {{ globex_bounds_utc(
                    ny_date,
                    'instruments.session_open_local',
                    'instruments.session_close_local',
                    'instruments.session_tz'
                ) }}
            from {{ ref('instruments') }} as instruments
            where instruments.root = {{ root_of(symbol) }}
        )
    {%- else -%}
        {%- set window = session_window(name) -%}
        {
            'start_ts': {{ utc_of_local(ny_date ~ " + time '" ~ window[0] ~ "'") }},
            'end_ts': {{ utc_of_local(ny_date ~ " + time '" ~ window[1] ~ "'") }}
        }
    {%- endif -%}
{%- endmacro %}
