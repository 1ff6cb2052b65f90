{# Raise when rows of the model being built fail its checks; dbt then undoes its transaction. #}
{% macro require_checked(rows) -%}
    {%- if execute -%}
        {%- set failed = failed_checks(rows) -%}
        {%- if failed -%}
            {{ exceptions.raise_compiler_error(failed) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
