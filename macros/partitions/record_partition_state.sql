{# Post-hook of a partitioned model: remember what its partitions were built from. #}
{% macro record_partition_state(upstream) -%}
    delete from meta.partition_state
    where
        relation = '{{ this.identifier }}'
        and (symbol, dt) not in (select upstream.symbol, upstream.dt from {{ upstream }} as upstream);
    {%- if config.get('materialized') == 'incremental' and should_full_refresh() %}
    update meta.partition_state set is_tested = false
    where relation = '{{ this.identifier }}';
    {%- endif %}
    insert or replace into meta.partition_state
    select
        '{{ this.identifier }}' as relation,
        changed.symbol,
        changed.dt,
        changed.input_fingerprint,
        '{{ model_checksum() }}' as model_checksum,
        false as is_tested
    from ({{ changed_partitions(upstream) }}) as changed
{%- endmacro %}
