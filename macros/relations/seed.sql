{#
    Materialization of seeds, whose config names the type of every column: loaded when the file, the
    types, the rows of its var (see read_seed) or the rows in the table have changed, or with
    --full-refresh; else left as they are, comments apart. Rows that fail their checks leave the
    table as it was.
#}
{% materialization seed, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set types = config.require('column_types') -%}
    {%- set rows = rows_of_var(model.config) -%}
    {%- set made_of = local_md5(
        model.checksum.checksum ~ tojson(types) ~ (tojson(rows) if rows else '')
    ) -%}
    {%- set state = relation_state(this.identifier, {
        'there': relation_version(model.unique_id) if existing is not none else 'null'
    }) -%}
    {#- for `dbt seed --show` -#}
    {%- do store_result(
        'agate_table',
        response='OK',
        agate_table=load_agate_table() if invocation_args_dict.get('show') else none
    ) -%}
    {%- if existing is not none and state['built_from'] == made_of
        and state['there'] == state['contents'] and not flags.FULL_REFRESH -%}
        {%- do leave_as_it_is(target, state) -%}
    {%- else -%}
        {{ run_hooks(pre_hooks, inside_transaction=false) }}
        {{ run_hooks(pre_hooks, inside_transaction=true) }}
        {%- call statement('main') -%}
            {%- if existing is not none -%}
                drop {{ existing.type }} {{ existing }};
            {%- endif -%}
            create table {{ target }} as
            {{ read_seed(model.name, adapter.get_seed_file_path(model)) }}
        {%- endcall -%}
        {%- do require_checked(this) -%}
        {%- do record_relation(this.identifier, {
            'built_from': "'" ~ made_of ~ "'",
            'contents': relation_version(model.unique_id),
        }) -%}
        {%- do commit_new_relation(target, post_hooks) -%}
    {%- endif -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
