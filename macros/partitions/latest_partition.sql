{#
    Values of the latest partition that the inputs of a partitioned model have and the vars select:
    a row of the model's source.
#}
{% macro latest_partition() -%}
    {%- set owner = config.get('meta')['partition_by'][0] -%}
    {%- set found = namespace(rows=[]) -%}
    {%- if partition_state_columns() -%}
        {%- set found = run_query(
            'select * exclude (partition_versions) from (' ~ partition_upstream() ~ ') where '
            ~ is_selected_partition('symbol' if owner == 'symbol' else none, 'dt')
            ~ ' order by dt desc, ' ~ owner ~ ' limit 1'
        ) -%}
    {%- endif -%}
    {%- if not found.rows -%}
        {{ exceptions.raise_compiler_error(
            'no partition to show: the inputs of ' ~ model.name ~ ' have none that the vars '
            ~ 'symbols, start_date and end_date select (`spymaster build` builds them)'
        ) }}
    {%- endif -%}
    {{ return(dict(zip(found.column_names, found.rows[0].values()))) }}
{%- endmacro %}
