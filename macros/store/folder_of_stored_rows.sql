{# Folder of the files with rows of the model being built, see stored_rows. #}
{% macro folder_of_stored_rows() -%}
    {{ return(lake_root() ~ '/.inputs/' ~ this.schema ~ '/' ~ this.identifier) }}
{%- endmacro %}
