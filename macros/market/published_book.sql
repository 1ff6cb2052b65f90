{# Call of the kernel that says what the landed market by price of the partition publishes. #}
{% macro published_book() -%}
    {{ kernel_call(
        'published_book',
        streams=[partition_value('mbp10_path')],
        settings={
            'tick_int': 'cast(' ~ partition_value('tick_int') ~ ' as bigint)',
            'day_start_s': 'cast(epoch(' ~ partition_value('dt') ~ ') as bigint)',
        },
    ) }}
{%- endmacro %}
