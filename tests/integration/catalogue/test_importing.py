"""Items from a file, as the running service has them."""

from __future__ import annotations

from shared.contracts.catalogue import (
    ExportItemsAsCsv,
    ImportItems,
    ItemState,
    ListItems,
    RetireItem,
)
from tests.integration.catalogue.hub import Hub
from tests.unit.catalogue.builders import AFFILIATE, a_content


def test_what_was_exported_and_edited_changes_the_items_it_came_from(hub: Hub) -> None:
    item = hub.published(a_content("Restauro di pellicole"))
    table = hub.ask(ExportItemsAsCsv()).text
    same = hub.ask(ImportItems(csv=table, dry_run=True))
    assert (same.rows, same.new, same.changed, same.unchanged) == (1, 0, 0, 1)

    edited = hub.ask(ImportItems(csv=table.replace("Restauro di pellicole", "Restauro di film")))
    assert (edited.new, edited.changed) == (0, 1)
    changed = hub.item(item.id)
    assert (changed.state, changed.content.title.it) == (ItemState.published, "Restauro di film")


def test_another_owners_items_are_refused_and_what_was_put_away_comes_anew(hub: Hub) -> None:
    item = hub.published()
    table = hub.ask(ExportItemsAsCsv()).text
    theirs = hub.ask(ImportItems(csv=table, dry_run=True), by=AFFILIATE)
    assert [failure.errors["owner_id"] for failure in theirs.failures] == [["L'elemento è di un'altra organizzazione."]]

    hub.ask(RetireItem(item_id=item.id, expected_version=item.version))
    again = hub.ask(ImportItems(csv=table))
    assert (again.new, again.changed) == (1, 0)
    assert hub.ask(ListItems(state=ItemState.draft)).total == 1
