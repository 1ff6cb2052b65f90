{# Hash of a partitioned model's code and of the vars its config names in meta.shaping_vars. #}
{% macro model_checksum() -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- set parts = [model.raw_code] -%}
    {%- for name in config.get('meta', {}).get('shaping_vars', []) -%}
        {%- do parts.append(name ~ '=' ~ tojson(var(name))) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('|'))) }}
{%- endmacro %}
