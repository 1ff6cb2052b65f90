{#
    The look-back of a live model as SQL: an expression over vars and constants of the level engines
    by their names, with their values; `day` is NULL.
#}
{% macro lookback_seconds(lookback) -%}
    {%- if lookback == 'day' -%}
        {{ return('null') }}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.findall('[a-z_]\\w*\\(?|[^a-z_]+', lookback | string) -%}
        {%- set is_name = modules.re.match('[a-z_]\\w*$', part) -%}
        {%- if not is_name -%}
            {%- do parts.append(part) -%}
        {%- elif var(part, none) is not none -%}
            {%- do parts.append(tojson(var(part))) -%}
        {%- else -%}
            {%- do parts.append(engine_const(part)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return('cast(' ~ parts | join ~ ' as integer)') }}
{%- endmacro %}
