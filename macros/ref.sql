{#
    References without the database name: a view keeps working in the published file, whose
    database is called differently from the one dbt writes.
#}
{% macro ref() -%}
    {{ return(builtins.ref(*varargs, **kwargs).include(database=false)) }}
{%- endmacro %}
