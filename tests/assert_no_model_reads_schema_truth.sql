-- The truth about a synthetic market is for tests and reports: no model, seed, snapshot or source
-- names schema truth or its files, in SQL, in Python or as a source.
{% set named = modules.re.compile('\\btruth\\s*[./"]|\\btruth_[a-z]', modules.re.IGNORECASE) %}
{% set readers = [] %}
{% if execute %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'snapshot') %}
        {% if node.schema == 'truth' or named.search(node.raw_code) %}
            {% do readers.append(node.unique_id) %}
        {% endif %}
    {% endfor %}
    {% for source in graph.sources.values() if source.schema == 'truth' %}
        {% do readers.append(source.unique_id) %}
    {% endfor %}
{% endif %}

select unnest(cast({{ readers }} as varchar[])) as reader
