{# End the node of an unchanged relation: write its comments if their texts have changed. #}
{% macro leave_as_it_is(relation, state) -%}
    {%- do store_raw_result('main', message='unchanged', code='UNCHANGED', rows_affected=0) -%}
    {%- do write_comments(relation, state['described']) -%}
{%- endmacro %}
