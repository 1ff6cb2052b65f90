{#
    Call of the kernel that turns the landed orders of the partition being built into rows of its
    option books; none without landed orders.
#}
{% macro option_books() -%}
    {%- set is_by_order = partition_value('quote_source') ~ " = 'mbo'" -%}
    {{ kernel_call(
        'option_books',
        streams=['if(' ~ is_by_order ~ ', ' ~ partition_value('quote_path') ~ ', null)'],
        settings={'day_start_s': 'cast(epoch(' ~ partition_value('dt') ~ ') as bigint)'},
    ) }}
{%- endmacro %}
