"""Full-text search over a service's own documents: a tantivy index beside each replica, never the truth.

    catalogue = Definition(collection="items", version=1, words={"title": 4, "body": 1}, facets=("kind",), entry=…)

    class CatalogueService:
        search = SearchIndex(catalogue)         # self.search.find(Wanted(q="restauri", filters={"kind": "service"}))

    class ItemRepository(SearchedRepository[Item]):
        ...                                     # what it saves is noted in the change feed, in the same transaction

Italian and English inflections, accents and typos are seen through; the index is made anew from the documents where it
is missing, of another version, of another database or damaged. The replica that wrote sees it at once, others within a
second (see `feed`).
"""

from shared.search.asking import Found, Hit, Wanted
from shared.search.definition import Definition, Entry
from shared.search.feed import SearchedRepository
from shared.search.highlight import Marker, holds
from shared.search.index import SearchIndex
from shared.search.language import Words, words_of

__all__ = [
    "Definition",
    "Entry",
    "Found",
    "Hit",
    "Marker",
    "SearchIndex",
    "SearchedRepository",
    "Wanted",
    "Words",
    "holds",
    "words_of",
]
