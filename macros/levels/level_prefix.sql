{# The name of a level in names of columns: small letters, digits and _. #}
{% macro level_prefix(level_id) -%}
    {{ return(modules.re.sub('[^a-z0-9_]', '_', level_id | lower)) }}
{%- endmacro %}
