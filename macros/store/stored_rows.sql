{#
    File with the rows of a partition, a row of the plan, that is stored as rows of a table: on its
    way from a worker, and from or to the store. Workers read it too.
#}
{% macro stored_rows(values) -%}
    {%- set owner = config.get('meta')['partition_by'][0] -%}
    {%- set version = local_md5(values['partition_fingerprint'] ~ values['partition_checksum']) -%}
    {{ return(
        folder_of_stored_rows() ~ '/' ~ owner ~ '=' ~ values['partition_owner']
        ~ '/dt=' ~ values['partition_date'] ~ '/' ~ this.identifier ~ '-' ~ version[:16]
        ~ '.parquet'
    ) }}
{%- endmacro %}
