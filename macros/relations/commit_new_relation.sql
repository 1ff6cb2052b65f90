{#
    End the node of a relation that was made anew: its hooks, its comments and the commit of its
    transaction.
#}
{% macro commit_new_relation(relation, post_hooks) -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do write_comments(relation, none) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
{%- endmacro %}
