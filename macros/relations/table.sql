{#
    Materialization of whole tables: made anew when their code or what they read has changed (see
    table_made_of), or with --full-refresh; else left as they are, comments apart. Rows that fail
    their checks leave the table as it was.
#}
{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set state = relation_state(this.identifier, {'wanted': table_made_of()}) -%}
    {%- if existing is not none and existing.type == 'table' and not should_full_refresh()
        and state['wanted'] == state['built_from'] -%}
        {%- do leave_as_it_is(target, state) -%}
    {%- else -%}
        {{ run_hooks(pre_hooks, inside_transaction=false) }}
        {{ run_hooks(pre_hooks, inside_transaction=true) }}
        {#- the description of the model is whole once its contract is checked -#}
        {%- set create_table = create_table_as(false, target, sql) -%}
        {%- call statement('main') -%}
            {%- if existing is not none -%}
                drop {{ existing.type }} {{ existing }};
            {%- endif -%}
            {{ create_table }}
        {%- endcall -%}
        {%- set shape = columns_shape(model.columns) -%}
        {%- do require_checked(this) -%}
        {%- do record_relation(this.identifier, {
            'built_from': "'" ~ state['wanted'] ~ "'",
            'contents': "(select md5(concat_ws('|', '" ~ shape ~ "', count(*), "
                ~ 'sum(cast(hash(t) as hugeint)), bit_xor(hash(t)))) from ' ~ this ~ ' as t)',
            'shape': "'" ~ shape ~ "'",
        }) -%}
        {%- do commit_new_relation(target, post_hooks) -%}
    {%- endif -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
