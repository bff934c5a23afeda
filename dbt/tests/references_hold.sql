-- Every reference that a table's contract states (meta.refs in sources.yml), over the whole lake.
-- Books with a stage that is behind are left out: there the two sides are of different times.
{% for node in graph.sources.values() | sort(attribute='name') if execute %}
{% for ref in node.meta.get('refs', []) if node.name not in ('sharegpt_set', 'alpaca_set') %}
select
    '{{ node.name }}.{{ ref.column }}' as reference,
    '{{ ref.table }}.{{ ref.target }}' as target,
    child.book_id,
    count(*) as orphans
from {{ source('lake', node.name) }} as child
anti join {{ source('lake', ref.table) }} as parent
    on child.{{ ref.column }} = parent.{{ ref.target }}
where child.{{ ref.column }} is not null and {{ of_books_in_step('child.book_id') }}
group by child.book_id
union all
{% endfor %}
{% endfor %}
select null, null, null, 0 where false
