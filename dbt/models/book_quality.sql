-- One row per book that was ever tried, so that a book that could not be read is a row too.
with tried as (
    select book_id from {{ source('lake', 'raw_books') }}
    union
    select key as book_id from {{ source('lake', 'lake_failures') }} where per_book
),

pages as (
    select
        book_id,
        count(*) filter (where status = 'failed') as pages_failed,
        sum(chars)::bigint as page_chars,
        sum(kept)::bigint as kept_chars,
        sum(furniture)::bigint as furniture_chars
    from {{ source('lake', 'raw_books__pages') }}
    group by book_id
),

blocks_by_kind as (
    select book_id, kind, count(*) as blocks, sum(length(text))::bigint as chars
    from {{ source('lake', 'raw_books__blocks') }}
    group by book_id, kind
),

blocks as (
    select
        book_id,
        sum(blocks) filter (where kind = 'heading')::bigint as headings,
        sum(blocks) filter (where kind in ('code', 'iex', 'erl_shell'))::bigint as code_blocks,
        sum(blocks) filter (where kind = 'table')::bigint as table_blocks,
        coalesce(sum(chars) filter (where kind in ('code', 'iex', 'erl_shell')), 0)
            / nullif(sum(chars), 0) as code_share,
        to_json(map_from_entries(list((kind, blocks) order by kind)))::varchar as blocks_by_kind
    from blocks_by_kind
    group by book_id
),

sections as (
    select book_id, count(*) as sections from {{ source('lake', 'sections') }} group by book_id
),

concepts as (
    select book_id, count(*) as concepts from {{ source('lake', 'concept_graph') }} group by book_id
),

pairs as (
    select
        book_id,
        count(*) as pairs,
        count(*) filter (where split = 'heldout') as pairs_heldout
    from {{ source('lake', 'instruction_pairs') }}
    group by book_id
),

rejects_by_gate as (
    select book_id, gate, count(*) as rejects
    from {{ source('lake', 'instruction_pairs__rejected') }}
    group by book_id, gate
),

rejects as (
    select
        book_id,
        sum(rejects)::bigint as rejected,
        to_json(map_from_entries(list((gate, rejects) order by gate)))::varchar as rejects_by_gate
    from rejects_by_gate
    group by book_id
),

readings as (
    select
        key as book_id,
        json_extract(counts, '$.code_judged')::bigint as code_judged,
        json_extract(counts, '$.code_parsed')::bigint as code_parsed,
        json_extract(counts, '$.lost')::bigint as lost_chars,
        json_extract(counts, '$.doubled')::bigint as doubled_chars
    from {{ source('lake', 'lake_builds') }}
    where asset = 'raw_books'
),

failures as (
    select
        key as book_id,
        count(*) as failures,
        string_agg(asset || ': ' || code, ', ' order by asset) as failed_with
    from {{ source('lake', 'lake_failures') }}
    where per_book
    group by key
)

select
    tried.book_id,
    books.title,
    books.format,
    books.licence,
    books.file_sha256,
    coalesce(books.pages, 0) as pages,
    coalesce(pages.pages_failed, 0) as pages_failed,
    coalesce(books.blocks, 0) as blocks,
    coalesce(blocks.headings, 0) as headings,
    coalesce(blocks.code_blocks, 0) as code_blocks,
    coalesce(blocks.table_blocks, 0) as table_blocks,
    coalesce(blocks.blocks_by_kind, '{}') as blocks_by_kind,
    round(coalesce(blocks.code_share, 0), 4) as code_share,
    coalesce(pages.page_chars, 0) as page_chars,
    coalesce(pages.kept_chars, 0) as kept_chars,
    coalesce(pages.furniture_chars, 0) as furniture_chars,
    round(pages.kept_chars / nullif(pages.page_chars, 0), 4) as kept_share,
    coalesce(readings.lost_chars, 0) as lost_chars,
    coalesce(readings.doubled_chars, 0) as doubled_chars,
    coalesce(readings.code_judged, 0) as code_judged,
    coalesce(readings.code_parsed, 0) as code_parsed,
    round(readings.code_parsed / nullif(readings.code_judged, 0), 4) as code_parse_rate,
    coalesce(sections.sections, 0) as sections,
    coalesce(concepts.concepts, 0) as concepts,
    coalesce(pairs.pairs, 0) as pairs,
    coalesce(pairs.pairs_heldout, 0) as pairs_heldout,
    coalesce(rejects.rejected, 0) as rejected,
    coalesce(rejects.rejects_by_gate, '{}') as rejects_by_gate,
    coalesce(failures.failures, 0) as failures,
    failures.failed_with
from tried
left join {{ source('lake', 'raw_books') }} as books using (book_id)
left join pages using (book_id)
left join blocks using (book_id)
left join sections using (book_id)
left join concepts using (book_id)
left join pairs using (book_id)
left join rejects using (book_id)
left join readings using (book_id)
left join failures using (book_id)
order by tried.book_id
