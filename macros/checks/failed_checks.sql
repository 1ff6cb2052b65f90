{#
    The checks of the model being built (config meta.row_checks) that some rows fail, as one text
    with the number of rows that fail each; none when all pass. Warns of meta.row_warnings. `rows`
    is a relation, or one with a condition; `values` is the row of the plan of their partition.
#}
{% macro failed_checks(rows, values=none) -%}
    {%- set meta = config.get('meta') or {} -%}
    {%- set name = this.identifier -%}
    {%- if values -%}
        {%- set name = name ~ ' ' ~ values['partition_owner'] ~ ' ' ~ values['partition_date'] -%}
    {%- endif -%}
    {%- set found = {} -%}
    {%- for kind in ['row_warnings', 'row_checks'] if meta.get(kind) -%}
        {%- set failures = [] -%}
        {%- for check, n_rows in run_query(query_of_failed_checks(rows, meta[kind])).rows -%}
            {%- do failures.append(check ~ ' (' ~ n_rows ~ ' rows)') -%}
        {%- endfor -%}
        {%- if failures -%}
            {%- do found.update({
                kind: name ~ ' has rows that fail its checks: ' ~ failures | join(', ')
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if found.get('row_warnings') -%}
        {%- do exceptions.warn(found['row_warnings']) -%}
    {%- endif -%}
    {{ return(found.get('row_checks')) }}
{%- endmacro %}
