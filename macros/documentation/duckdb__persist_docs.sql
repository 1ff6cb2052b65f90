{#
    Store descriptions as comments where they differ. dbt's own macro reads the relation's columns
    twice, opens a transaction to do so, and writes all of them again.
#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- do run_comments(relation, model, held_comments(relation)) -%}
{%- endmacro %}
