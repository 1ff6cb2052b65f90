{# Call of the kernel that reads fingerprints from the orders of the partition being built. #}
{% macro fingerprints() -%}
    {%- set window = var('surface_window') -%}
    {%- set settings = {
        'tick_int': 'cast(' ~ partition_value('tick_int') ~ ' as bigint)',
        'day_start_s': 'cast(epoch(' ~ partition_value('dt') ~ ') as bigint)',
        'surfaces_s': 'null' if window == 'all' else
            'list_transform(' ~ local_windows_in_day(partition_value('dt'), window)
            ~ ', part -> [cast(epoch(part.start_ts) as bigint), '
            ~ 'cast(epoch(part.end_ts) as bigint)])',
    } -%}
    {%- do settings.update(var('fingerprints')) -%}
    {{ kernel_call('fingerprints', [partition_value('mbo_path')], settings) }}
{%- endmacro %}
