{#
    Time to expiry in years of the clock of options, at least var option_min_life_s of its seconds.
    The arguments are the clock's times at expiration and now (option_clock_ns), and the length of
    its year.
#}
{% macro option_years(expiration_clock_ns, clock_ns, year_s) -%}
    greatest(
        ({{ expiration_clock_ns }} - {{ clock_ns }}) / 1e9, {{ var('option_min_life_s') }}
    ) / {{ year_s }}
{%- endmacro %}
