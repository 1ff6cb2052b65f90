{#
    Take partitions, rows of the plan, from the store: put their files in place, their rows into the
    table, and record them. Returns those that are still to be built. `steps` and `state` are the
    model's.
#}
{% macro take_from_store(steps, storage, state) -%}
    {%- if not has_store() or not steps['build'] -%}
        {{ return(steps['build']) }}
    {%- endif -%}
    {%- set wanted = [] -%}
    {%- for values in steps['build'] -%}
        {%- do wanted.append(stored_partition(values, storage, state)) -%}
    {%- endfor -%}
    {%- set found = fromjson(run_query(
        'select take_from_store(' ~ sql_text_or_null(tojson(wanted)) ~ ')'
    ).columns[0].values()[0]) -%}
    {%- set taken = [] -%}
    {%- set left = [] -%}
    {%- for values in steps['build'] -%}
        {%- do (taken if partition_key(values) in found else left).append(values) -%}
    {%- endfor -%}
    {%- do record_made(taken, storage, steps, state) -%}
    {%- do remove_stored_rows(storage) -%}
    {{ return(left) }}
{%- endmacro %}
