{#
    Check the rows of a view, unless what they come from is what it was when they passed: `checked`
    of its relation_state.
#}
{% macro check_view(state) -%}
    {%- set meta = config.get('meta') or {} -%}
    {%- set checks = [meta.get('row_checks'), meta.get('row_warnings')] -%}
    {%- if checks | select | list -%}
        {%- set version = run_query(
            "select md5(concat_ws('|', '" ~ local_md5(tojson(checks)) ~ "', "
            ~ relation_version(model.unique_id) ~ '))'
        ).columns[0].values()[0] -%}
        {%- if version != state['checked'] -%}
            {%- do require_checked(this) -%}
            {%- do record_relation(this.identifier, {'checked': "'" ~ version ~ "'"}) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
