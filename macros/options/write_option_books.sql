{#
    Statement that turns the landed orders of the partition being built into rows of its option
    books; none without landed orders.
#}
{% macro write_option_books() -%}
    select write_option_books(
        if(
            {{ partition_value('quote_source') }} = 'mbo',
            '{{ lake_root() }}/' || {{ partition_value('landed_path') }},
            null
        ),
        cast(epoch({{ partition_value('dt') }}) as bigint),
        '{{ option_books_file() }}'
    )
{%- endmacro %}
