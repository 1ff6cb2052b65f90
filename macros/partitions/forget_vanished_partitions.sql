{# Drop the rows and the state of partitions that the upstream relation no longer has. #}
{% macro forget_vanished_partitions(upstream, storage) -%}
    {%- set is_gone -%}
        (symbol, dt) not in (select upstream.symbol, upstream.dt from {{ upstream }} as upstream)
    {%- endset -%}
    {%- if storage == 'table' -%}
        {%- do run_query(
            'delete from ' ~ this ~ ' where '
            ~ is_gone | replace('(symbol, dt) not', '(' ~ config.get('partition_column', 'symbol') ~ ', dt) not')
        ) -%}
    {%- endif -%}
    {%- do run_query(
        "delete from meta.partition_state where relation = '" ~ this.identifier ~ "' and " ~ is_gone
    ) -%}
{%- endmacro %}
