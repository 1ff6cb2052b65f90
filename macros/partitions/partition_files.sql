{# The files of a partition, a row of the plan, by their names. #}
{% macro partition_files(values) -%}
    {%- set files = (values['partition_files'] or '').splitlines() -%}
    {{ return(dict(zip(names_of_files(), files))) }}
{%- endmacro %}
