{#
    Names of the files of a partition of the model being built: the model's own, or those of the
    outputs of its kernel that stay.
#}
{% macro names_of_files() -%}
    {{ return([this.identifier] if config.get('storage') == 'parquet' else kept_outputs()) }}
{%- endmacro %}
