{# Fails for rows where the expression (after the column, if one is named) is false or NULL. #}
{% test expression_is_true(model, expression, column_name=none) %}
    select *
    from {{ model }}
    where ({{ column_name or '' }} {{ expression }}) is not true
{% endtest %}
