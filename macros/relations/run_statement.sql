{# Run SQL of which nobody reads the result; run_query makes a table of it and guesses its types. #}
{% macro run_statement(sql) -%}
    {%- if execute -%}
        {%- do adapter.execute(sql, auto_begin=false, fetch=false) -%}
    {%- endif -%}
{%- endmacro %}
