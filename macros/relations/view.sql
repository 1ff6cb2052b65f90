{#
    Materialization of views: created when their text or the columns of what they read have changed
    (see view_made_of), or with --full-refresh; else left as they are, comments apart. Their rows
    are checked before anyone reads them.
#}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set state = relation_state(this.identifier, {
        'wanted': view_made_of(sql, model.depends_on.nodes),
        'files': files_version(sql) or 'null',
    }) -%}
    {%- set files = sql_text_or_null(state['files']) -%}
    {%- if existing is not none and existing.type == 'view' and not should_full_refresh()
        and state['wanted'] == state['built_from'] -%}
        {%- if state['files'] != state['contents'] -%}
            {%- do record_relation(this.identifier, {'contents': files}) -%}
        {%- endif -%}
        {%- do leave_as_it_is(target, state) -%}
        {%- do check_view(state) -%}
    {%- else -%}
        {{ run_hooks(pre_hooks, inside_transaction=false) }}
        {{ run_hooks(pre_hooks, inside_transaction=true) }}
        {%- set create_view = get_create_view_as_sql(target, sql) -%}
        {%- call statement('main') -%}
            {%- if existing is not none -%}
                drop {{ existing.type }} {{ existing }};
            {%- endif -%}
            {{ create_view }}
        {%- endcall -%}
        {%- do record_relation(this.identifier, {
            'built_from': "'" ~ state['wanted'] ~ "'",
            'contents': files,
            'shape': "'" ~ columns_shape(model.columns) ~ "'",
        }) -%}
        {%- do check_view(state) -%}
        {%- do commit_new_relation(target, post_hooks) -%}
    {%- endif -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
