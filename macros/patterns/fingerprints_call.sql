{# Call of the fingerprint kernel on a landed file and a day, each as SQL; see the plugin. #}
{% macro fingerprints_call(records, tick_int, day_start_s, surfaces) -%}
    select write_fingerprints(
        {{ records }},
        {{ tick_int }},
        {{ day_start_s }},
        {{ surfaces }},
        '{{ tojson(var('fingerprints')) }}',
        '{{ fingerprint_file('windows') }}',
        '{{ fingerprint_file('icebergs') }}'
    )
{%- endmacro %}
