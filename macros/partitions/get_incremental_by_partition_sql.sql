{#
    Incremental strategy `by_partition`: replace the partitions that the model's select built,
    and drop those that its upstream relation (meta.partition_source) no longer has.
#}
{% macro get_incremental_by_partition_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set upstream = ref(config.get('meta')['partition_source']) -%}
    delete from {{ arg_dict['target_relation'] }}
    where
        (symbol, dt) in (select symbol, dt from ({{ changed_partitions(upstream) }}))
        or (symbol, dt) not in (select upstream.symbol, upstream.dt from {{ upstream }} as upstream);
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
