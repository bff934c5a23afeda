-- Books of the shelf that are one text: compared by booktune_assets/books/editions.py, read here.
select
    concat_ws(':', editions.book_id, editions.edition_of) as edition_id,
    editions.book_id,
    editions.edition_of,
    editions.kind,
    array_to_string(editions.evidence, ', ') as evidence,
    editions.share,
    editions.share_back,
    editions.common_chars,
    editions.newer,
    books.title,
    books.format,
    earlier.title as edition_of_title,
    earlier.format as edition_of_format
from {{ source('lake', 'lake_editions') }} as editions
left join {{ source('lake', 'raw_books') }} as books on editions.book_id = books.book_id
left join {{ source('lake', 'raw_books') }} as earlier on editions.edition_of = earlier.book_id
order by edition_id
