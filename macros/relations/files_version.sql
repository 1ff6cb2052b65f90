{# Expression of the version of the lake's files that some code names; none without any. #}
{% macro files_version(code) -%}
    {%- set files = modules.re.findall(
        "'(" ~ modules.re.escape(lake_root()) ~ "/[^']+\\.(?:json|parquet))'", code
    ) -%}
    {{ return('files_version(' ~ sql_list(files | unique | list) ~ ')' if files else none) }}
{%- endmacro %}
