{# Query of the number of rows of a relation that fail each check, by predicates of failure. #}
{% macro rows_that_fail(relation, failures) -%}
    select failed_check, n_rows
    from (
        unpivot (
            select
                {%- for name, failure in failures.items() %}
                count(*) filter (where {{ failure }}) as "{{ name }}"{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ relation }}
        )
        on columns(*) into name failed_check value n_rows
    )
{%- endmacro %}
