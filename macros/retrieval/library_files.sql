{# The files of a row of retrieval_library as an argument of the functions of retrieval. #}
{% macro library_files(library) -%}
    {
        'vectors_path': {{ library }}.vectors_path,
        'rows_path': {{ library }}.rows_path,
        'n_context': {{ library }}.n_context
    }
{%- endmacro %}
