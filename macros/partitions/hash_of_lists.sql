{# Hash of lists of files, by which a relation's state tells whether they are written. #}
{% macro hash_of_lists(files) -%}
    {{ return(local_md5(files.values() | map('join', '|') | join('|'))) }}
{%- endmacro %}
