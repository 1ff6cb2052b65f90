{#
    Checks each row of a relation, all checks in one pass. Each failed check is a row, with the
    number of rows that fail it.

    - never_null: columns;
    - accepted_values: a list per column; NULL passes;
    - accepted_range: `min_value`, `max_value` or both per column, exclusive when not `inclusive`;
      NULL passes;
    - expressions: SQL by the name of the check; neither false nor NULL passes.
#}
{% test row_checks(model, never_null=[], accepted_values={}, accepted_range={}, expressions={}) %}
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
    select failed_check, n_rows
    from (
        unpivot (
            select
                {%- for name, failure in failures.items() %}
                count(*) filter (where {{ failure }}) as "{{ name }}"{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ model }}
        )
        on columns(*) into name failed_check value n_rows
    )
    where n_rows > 0
{% endtest %}
