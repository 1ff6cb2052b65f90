{#
    Which barriers the decisions on a future's symbol go by, fixed or vol: var barrier_mode, which
    `instrument` leaves to seed instruments.
#}
{% macro barrier_mode(symbol) -%}
    {%- if var('barrier_mode') != 'instrument' -%}
        '{{ var("barrier_mode") }}'
    {%- else -%}
        (
            select instruments.barrier_mode
            from {{ ref('instruments') }} as instruments
            where instruments.root = {{ root_of(symbol) }}
        )
    {%- endif -%}
{%- endmacro %}
