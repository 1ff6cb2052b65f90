{#
    Query of the checks that some rows fail, and of how many rows fail each: all checks but those of
    keys read the rows once. `checks` is config meta.row_checks or meta.row_warnings of a model or a
    seed:

    - unique_keys: lists of columns, whose values together occur once;
    - never_null: columns;
    - accepted_values: a list per column; NULL passes;
    - accepted_range: `min_value`, `max_value` or both per column, exclusive when not `inclusive`;
      NULL passes;
    - expressions: SQL by the name of the check; neither false nor NULL passes. It names vars by
      var('name').
#}
{% macro query_of_failed_checks(rows, checks) -%}
    {%- set failures = {} -%}
    {%- for column in checks.get('never_null', []) -%}
        {%- do failures.update({column ~ ' is never null': '"' ~ column ~ '" is null'}) -%}
    {%- endfor -%}
    {%- for column, values in checks.get('accepted_values', {}).items() -%}
        {%- do failures.update({
            column ~ ' has an accepted value':
                '"' ~ column ~ '" not in (' ~ sql_literals(values) ~ ')'
        }) -%}
    {%- endfor -%}
    {%- for column, bounds in checks.get('accepted_range', {}).items() -%}
        {%- do failures.update({column ~ ' is in its range': is_out_of_range(column, **bounds)}) -%}
    {%- endfor -%}
    {%- for name, expression in checks.get('expressions', {}).items() -%}
        {%- do failures.update({name: '(' ~ expression ~ ') is not true'}) -%}
    {%- endfor -%}
    {%- set queries = [] -%}
    {%- for key in checks.get('unique_keys', []) -%}
        {%- do queries.append(rows_of_repeated_keys(rows, key)) -%}
    {%- endfor -%}
    {%- if failures -%}
        {%- do queries.append(rows_that_fail(rows, failures)) -%}
    {%- endif -%}
    {{ return(with_vars(
        'select failed_check, n_rows from (' ~ queries | join(' union all ') ~ ') where n_rows > 0'
    )) }}
{%- endmacro %}
