{# Statement that removes the fingerprint files. #}
{% macro remove_fingerprints() -%}
    select
        remove_file('{{ fingerprint_file('windows') }}'),
        remove_file('{{ fingerprint_file('icebergs') }}')
{%- endmacro %}
