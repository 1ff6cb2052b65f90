{#
    Checks the rows of a relation. Each failed check is a row, with the number of rows that fail it:
    all checks but those of keys read the relation once.

    - unique_keys: lists of columns, whose values together occur once;
    - never_null: columns;
    - accepted_values: a list per column; NULL passes;
    - accepted_range: `min_value`, `max_value` or both per column, exclusive when not `inclusive`;
      NULL passes;
    - expressions: SQL by the name of the check; neither false nor NULL passes.
#}
{% test row_checks(
    model, unique_keys=[], never_null=[], accepted_values={}, accepted_range={}, expressions={}
) %}
    {{ config(fail_calc='coalesce(sum(n_rows), 0)') }}
    {%- set failures = {} -%}
    {%- for column in never_null -%}
        {%- do failures.update({column ~ ' is never null': '"' ~ column ~ '" is null'}) -%}
    {%- endfor -%}
    {%- for column, values in accepted_values.items() -%}
        {%- do failures.update({
            column ~ ' has an accepted value':
                '"' ~ column ~ '" not in (' ~ sql_literals(values) ~ ')'
        }) -%}
    {%- endfor -%}
    {%- for column, bounds in accepted_range.items() -%}
        {%- do failures.update({column ~ ' is in its range': is_out_of_range(column, **bounds)}) -%}
    {%- endfor -%}
    {%- for name, expression in expressions.items() -%}
        {%- do failures.update({name: '(' ~ expression ~ ') is not true'}) -%}
    {%- endfor -%}
    {%- set queries = [] -%}
    {%- for key in unique_keys -%}
        {%- do queries.append(rows_of_repeated_keys(model, key)) -%}
    {%- endfor -%}
    {%- if failures -%}
        {%- do queries.append(rows_that_fail(model, failures)) -%}
    {%- endif -%}
    select failed_check, n_rows
    from ({{ queries | join(' union all ') }})
    where n_rows > 0
{% endtest %}
