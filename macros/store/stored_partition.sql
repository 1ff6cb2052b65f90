{#
    A partition of the model being built, a row of the plan, as the functions of the store take it:
    its key among the partitions, its name, what it was made of, the checks that its rows pass, and
    its files by their names.
#}
{% macro stored_partition(values, storage, state) -%}
    {%- set files = partition_files(values) if storage != 'view' else {} -%}
    {%- if storage == 'table' -%}
        {%- do files.update({'rows': stored_rows(values)}) -%}
    {%- endif -%}
    {{ return({
        'partition': partition_key(values),
        'relation': this.identifier,
        'owner_column': config.get('meta')['partition_by'][0],
        'owner': values['partition_owner'],
        'dt': values['partition_date'] | string,
        'input_fingerprint': values['partition_fingerprint'],
        'model_checksum': values['partition_checksum'],
        'checks': hash_of_row_checks(state),
        'files': files,
    }) }}
{%- endmacro %}
