{#
    True when the vars start_date, end_date (both inclusive) and symbols select a partition; a
    partition without a symbol (`none`) is selected by its date.
#}
{% macro is_selected_partition(symbol, dt) -%}
    {%- for name in ['start_date', 'end_date'] if var(name)
        and not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', var(name) | string) -%}
        {{ exceptions.raise_compiler_error(
            'var ' ~ name ~ ': ' ~ var(name) ~ ' is no date (YYYY-MM-DD)'
        ) }}
    {%- endfor -%}
    {%- set symbols = [var('symbols')] if var('symbols') is string else var('symbols') -%}
    (
        true
        {%- if var('start_date') %}
            and {{ dt }} >= date '{{ var("start_date") }}'
        {%- endif %}
        {%- if var('end_date') %}
            and {{ dt }} <= date '{{ var("end_date") }}'
        {%- endif %}
        {%- if symbols and symbol is not none %}
            and {{ symbol }} in {{ sql_list(symbols) }}
        {%- endif %}
    )
{%- endmacro %}
