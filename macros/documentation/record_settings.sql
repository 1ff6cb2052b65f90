{#
    meta.build_settings: the settings of the last run that built anything, as JSON; a build compares
    its own with them, and `spymaster status` shows them. One row per setting.
#}
{% macro record_settings(results) -%}
    {%- if execute and results -%}
        {%- do run_statement(
            'create table if not exists meta.build_settings (name varchar primary key, '
            ~ 'value varchar)'
        ) -%}
        {%- do run_statement(
            "comment on table meta.build_settings is 'Settings of the last build, as JSON. One row "
            ~ "per setting.'"
        ) -%}
        {%- set now = "(select key as name, value ->> '$' as value "
            ~ "from json_each(settings_of_run()))" -%}
        {%- do run_statement(
            'delete from meta.build_settings where name not in (select name from ' ~ now ~ ')'
        ) -%}
        {%- do run_statement(
            'insert or replace into meta.build_settings select * from ' ~ now ~ ' as settings '
            ~ 'where not exists (select 1 from meta.build_settings as before '
            ~ 'where before.name = settings.name and before.value = settings.value)'
        ) -%}
    {%- endif -%}
{%- endmacro %}
