{#
    Query of the partitions of `this` that must be built: those of the upstream relation
    (symbol, dt, input_fingerprint) whose inputs, model or vars differ from what is recorded.
#}
{% macro changed_partitions(upstream) -%}
    select
        upstream.symbol,
        upstream.dt,
        upstream.input_fingerprint
    from {{ upstream }} as upstream
    anti join meta.partition_state as state
        on
            state.relation = '{{ this.identifier }}'
            and upstream.symbol = state.symbol
            and upstream.dt = state.dt
            and upstream.input_fingerprint = state.input_fingerprint
            and state.model_checksum = '{{ model_checksum() }}'
{%- endmacro %}
