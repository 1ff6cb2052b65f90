{# Statement that reads the fingerprints of the partition being built from its landed orders. #}
{% macro write_fingerprints() -%}
    {%- set path = partition_value('mbo_path') -%}
    {%- set window = var('surface_window') -%}
    {%- set surfaces -%}
        {%- if window == 'all' -%}
            null
        {%- else -%}
            list_transform(
                {{ local_windows_in_day(partition_value('dt'), window) }},
                part -> [cast(epoch(part.start_ts) as bigint), cast(epoch(part.end_ts) as bigint)]
            )
        {%- endif -%}
    {%- endset -%}
    {{ fingerprints_call(
        'if(' ~ path ~ " = '', null, '" ~ lake_root() ~ "/' || " ~ path ~ ')',
        'cast(' ~ partition_value('tick_int') ~ ' as bigint)',
        'cast(epoch(' ~ partition_value('dt') ~ ') as bigint)',
        surfaces
    ) }}
{%- endmacro %}
