{#
    Write the comments of the model's relation, unless those written last are the same: `described`
    is their hash (see meta.relation_state), none for a relation without comments.
#}
{% macro write_comments(relation, described) -%}
    {%- set texts = [model.description] -%}
    {%- for name, column in model.columns.items() -%}
        {%- do texts.append(name ~ ' ' ~ column.description) -%}
    {%- endfor -%}
    {%- set wanted = local_md5(texts | join('|')) -%}
    {%- if wanted != described -%}
        {%- set held = {} if described is none else held_comments(relation) -%}
        {%- do run_comments(relation, model, held) -%}
        {%- do record_relation(relation.identifier, {'described': "'" ~ wanted ~ "'"}) -%}
    {%- endif -%}
{%- endmacro %}
