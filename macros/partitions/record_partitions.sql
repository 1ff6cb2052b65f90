{# Remember what partitions, rows of the plan, were built from. #}
{% macro record_partitions(partitions) -%}
    {%- set rows = [] -%}
    {%- for values in partitions -%}
        {%- do rows.append(
            "('" ~ this.identifier ~ "', '" ~ values['partition_owner'] ~ "', date '"
            ~ values['partition_date'] ~ "', '" ~ values['partition_fingerprint'] ~ "', '"
            ~ model_checksum() ~ "', false)"
        ) -%}
    {%- endfor -%}
    {%- if rows -%}
        {%- do run_query(
            'insert or replace into meta.partition_state values ' ~ rows | join(', ')
        ) -%}
    {%- endif -%}
{%- endmacro %}
