{# Statement that turns the landed books of the partition being built into seconds. #}
{% macro write_market_seconds() -%}
    {%- set files = {} -%}
    {%- for source in ['mbo', 'mbp10'] -%}
        {%- set path = partition_value(source ~ '_path') -%}
        {%- do files.update({
            source: 'if(' ~ path ~ " = '', null, '" ~ lake_root() ~ "/' || " ~ path ~ ')'
        }) -%}
    {%- endfor -%}
    {{ market_seconds_call(
        files['mbo'],
        files['mbp10'],
        'cast(' ~ partition_value('tick_int') ~ ' as bigint)',
        'cast(epoch(' ~ partition_value('dt') ~ ') as bigint)'
    ) }}
{%- endmacro %}
