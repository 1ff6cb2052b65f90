{# Query of the number of rows whose key, values of some columns, occurs more than once. #}
{% macro rows_of_repeated_keys(relation, key) -%}
    select
        '{{ key | join(', ') }} occurs once' as failed_check,
        cast(coalesce(sum(n_rows), 0) as bigint) as n_rows
    from (
        select count(*) as n_rows
        from {{ relation }}
        group by "{{ key | join('", "') }}"
        having count(*) > 1
    )
{%- endmacro %}
