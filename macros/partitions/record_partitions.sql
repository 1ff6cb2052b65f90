{#
    Remember what partitions, rows of the plan, were built from, and that data tests of the model
    have yet to read them.
#}
{% macro record_partitions(partitions) -%}
    {%- set keys = [] -%}
    {%- set rows = [] -%}
    {%- for values in partitions -%}
        {%- set key = "'" ~ this.identifier ~ "', '" ~ values['partition_owner'] ~ "', date '"
            ~ values['partition_date'] ~ "'" -%}
        {%- do keys.append('(' ~ key ~ ')') -%}
        {%- do rows.append(
            '(' ~ key ~ ", '" ~ values['partition_fingerprint'] ~ "', '"
            ~ values['partition_checksum'] ~ "')"
        ) -%}
    {%- endfor -%}
    {%- if rows and tests_of(model.unique_id) -%}
        {%- do run_statement(
            'insert or ignore into meta.partitions_to_test values ' ~ keys | join(', ')
        ) -%}
    {%- endif -%}
    {%- if rows -%}
        {%- do run_statement(
            'insert or replace into meta.partition_state values ' ~ rows | join(', ')
        ) -%}
    {%- endif -%}
{%- endmacro %}
