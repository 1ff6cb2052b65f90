{# The files of a row of retrieval_library_files as an argument of the functions of retrieval. #}
{% macro library_files(files) -%}
    {
        'retrieval_family': {{ files }}.retrieval_family,
        'vectors_path': {{ files }}.vectors_path,
        'rows_path': {{ files }}.rows_path,
        'n_context': {{ files }}.n_context,
        'mirror_vectors_path': {{ files }}.mirror_vectors_path,
        'mirror_rows_path': {{ files }}.mirror_rows_path,
        'mirror_columns': {{ files }}.mirror_columns,
        'mirror_signs': {{ files }}.mirror_signs
    }
{%- endmacro %}
