{# Query of the partitions to build: all columns of the upstream relation. #}
{% macro partitions_to_build(upstream, storage) -%}
    select upstream.*
    from {{ upstream }} as upstream
    left join meta.partition_state as state
        on
            state.relation = '{{ this.identifier }}'
            and upstream.symbol = state.symbol
            and upstream.dt = state.dt
            and upstream.input_fingerprint = state.input_fingerprint
            and state.model_checksum = '{{ model_checksum() }}'
    where
        (
            state.relation is null
            {%- if storage == 'parquet' %}
                or {{ partition_file_of('upstream') }} not in (
                    select file from glob('{{ partition_directory() }}/*/*/*.parquet')
                )
            {%- endif %}
        )
        and {{ is_selected_partition(
            'upstream.symbol' if config.get('partition_column', 'symbol') == 'symbol' else none,
            'upstream.dt'
        ) }}
    order by upstream.dt, upstream.symbol
{%- endmacro %}
