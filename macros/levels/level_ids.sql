{# Names of the levels: ranges, then moving averages from the shortest to the longest. #}
{% macro level_ids() -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set query -%}
        select level_id from ({{ read_seed('level_weights') }})
        order by sma_bars nulls first, priority
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}
