{#
    Remember what partitions, rows of the plan, were built from, how a store would name them, and
    that data tests of the model have yet to read them. `state` is the model's.
#}
{% macro record_partitions(partitions, state) -%}
    {%- set keys = [] -%}
    {%- set rows = [] -%}
    {%- set names = [] -%}
    {%- set files = names_of_files() if config.get('storage') != 'view' else [] -%}
    {%- set checks = hash_of_row_checks(state) if partitions -%}
    {%- for values in partitions -%}
        {%- set key = "'" ~ this.identifier ~ "', '" ~ values['partition_owner'] ~ "', date '"
            ~ values['partition_date'] ~ "'" -%}
        {%- do keys.append('(' ~ key ~ ')') -%}
        {%- set made_of =
            "'" ~ values['partition_fingerprint'] ~ "', '" ~ values['partition_checksum'] ~ "'" -%}
        {%- do rows.append('(' ~ key ~ ', ' ~ made_of ~ ')') -%}
        {%- do names.append(
            '(' ~ key ~ ', store_name(' ~ made_of ~ ", '" ~ checks ~ "'), "
            ~ sql_list(files) ~ '::varchar[])'
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
        {%- do run_statement(
            'insert or replace into meta.store_names values ' ~ names | join(', ')
        ) -%}
    {%- endif -%}
{%- endmacro %}
