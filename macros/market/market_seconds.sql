{# Call of the kernel that turns the landed books of the partition being built into seconds. #}
{% macro market_seconds() -%}
    {{ kernel_call(
        'market_seconds',
        streams=[partition_value('mbo_path'), partition_value('mbp10_path')],
        settings={
            'tick_int': 'cast(' ~ partition_value('tick_int') ~ ' as bigint)',
            'day_start_s': 'cast(epoch(' ~ partition_value('dt') ~ ') as bigint)',
            'bands': market_bands(),
            'edges_ticks': var('market_bands').values() | map('last') | list,
            'reach_ticks': var('ofi_price_reach_ticks'),
        },
    ) }}
{%- endmacro %}
