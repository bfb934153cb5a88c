"""The catalogue service: what it is asked, what it hears, and what it does by the clock."""

from __future__ import annotations

from typing import Any

from services.catalogue import exports, importing, matching, owners, searching, views
from services.catalogue.domain import AccessRequest, Item, Laboratory
from services.catalogue.index import CATALOGUE
from services.catalogue.repository import (
    AccessRequestRepository,
    ItemRepository,
    KnownOwners,
    LaboratoryRepository,
    MatchesRepository,
)
from services.catalogue.retelling import PUBLISHED, item_again
from shared.contracts import calls, membership
from shared.contracts import catalogue as contracts
from shared.contracts.replay import Retold
from shared.contracts.rights import STAFF
from shared.contracts.shapes import TextDocument
from shared.contracts.vocabulary import OrganisationKind
from shared.errors import Forbidden
from shared.messaging.ask import Ask
from shared.messaging.operations import operation
from shared.messaging.replay import retell
from shared.messaging.schedule import every
from shared.messaging.subscribe import subscribe
from shared.search import SearchIndex
from shared.storage.work import UnitOfWork, Work

AT_ONCE = 100
_ON_A_PAGE = 500
"""Items of one laboratory that its page gathers."""


class CatalogueService:
    """What the hub's members offer one another, and how it is found, asked for and matched."""

    name = "catalogue"
    ask = Ask(membership.GetOrganisation)
    search = SearchIndex(CATALOGUE)
    work = UnitOfWork(
        items=ItemRepository,
        requests=AccessRequestRepository,
        laboratories=LaboratoryRepository,
        matches=MatchesRepository,
        owners=KnownOwners,
    )

    # --- writing items ------------------------------------------------------------------------------------

    @operation(contracts.DraftItem)
    def draft_item(self, command: contracts.DraftItem, work: Work) -> contracts.ItemView:
        owner = owners.owner_of_caller(work, self.ask)
        item = Item.draft(work.new_id(), command.content, owner=owner, now=work.now)
        work.items.add(item)
        return views.item_view(item, work.caller)

    @operation(contracts.ReviseItem)
    def revise_item(self, command: contracts.ReviseItem, work: Work) -> contracts.ItemView:
        item = self._own(command, work)
        item.revise(command.content, now=work.now)
        return self._saved(item, work)

    @operation(contracts.PublishItem)
    def publish_item(self, command: contracts.PublishItem, work: Work) -> contracts.ItemView:
        item = self._own(command, work)
        owner = owners.owner_of_caller(work, self.ask)
        item.publish(owner=owner, trusted=work.items.trusts(owner.card.id), now=work.now)
        return self._saved(item, work)

    @operation(contracts.ApproveItem)
    def approve_item(self, command: contracts.ApproveItem, work: Work) -> contracts.ItemView:
        item = work.items.get(command.item_id, expected_version=command.expected_version)
        item.approve(now=work.now)
        return self._saved(item, work)

    @operation(contracts.ReturnItem)
    def return_item(self, command: contracts.ReturnItem, work: Work) -> contracts.ItemView:
        item = work.items.get(command.item_id, expected_version=command.expected_version)
        item.give_back(command.remarks, now=work.now)
        return self._saved(item, work)

    @operation(contracts.UnpublishItem)
    def unpublish_item(self, command: contracts.UnpublishItem, work: Work) -> contracts.ItemView:
        item = self._own(command, work)
        item.unpublish(now=work.now)
        return self._saved(item, work)

    @operation(contracts.RetireItem)
    def retire_item(self, command: contracts.RetireItem, work: Work) -> contracts.ItemView:
        item = self._own(command, work)
        item.retire(now=work.now)
        return self._saved(item, work)

    @operation(contracts.ConfirmItem)
    def confirm_item(self, command: contracts.ConfirmItem, work: Work) -> contracts.ItemView:
        item = self._own(command, work)
        item.confirm(now=work.now)
        return self._saved(item, work)

    @operation(contracts.ImportItems)
    def import_items(self, command: contracts.ImportItems, work: Work) -> contracts.ImportReport:
        return importing.take_in(command, owners.owner_of_caller(work, self.ask), work)

    def _own(self, command: Any, work: Work) -> Item:
        item: Item = work.items.get(command.item_id, expected_version=command.expected_version)
        item.require_owner(work.caller)
        return item

    def _saved(self, item: Item, work: Work) -> contracts.ItemView:
        work.items.save(item)
        return views.item_view(item, work.caller)

    # --- reading items ------------------------------------------------------------------------------------

    @operation(contracts.GetItem)
    def get_item(self, query: contracts.GetItem, work: Work) -> contracts.ItemView:
        item = work.items.get(query.item_id)
        if not item.readable_by(work.caller):
            raise work.items.missing(query.item_id)
        return views.item_view(item, work.caller, work.requests.stars_of(item.id))

    @operation(contracts.ListItems)
    def list_items(self, query: contracts.ListItems, work: Work) -> contracts.ItemPage:
        owner_id = query.owner_id if STAFF.met_by(work.caller) else work.caller.organisation_id
        if query.owner_id not in (None, owner_id):
            raise Forbidden(who_it=STAFF.it, who_en=STAFF.en)
        return views.item_page(work.items.matching(query, owner_id), work.caller)

    @operation(contracts.SearchItems)
    def search_items(self, query: contracts.SearchItems, work: Work) -> contracts.SearchPage:
        return searching.found_items(query, self.search.find, work.caller.language)

    @operation(contracts.SuggestItems)
    def suggest_items(self, query: contracts.SuggestItems, work: Work) -> contracts.Suggestions:
        return searching.suggestions(query, self.search)

    @operation(contracts.ExportItemsAsJsonLd)
    def export_items_as_json_ld(self, query: contracts.ExportItemsAsJsonLd, work: Work) -> TextDocument:
        items, after = exports.part(query.track, query.cursor, work)
        return exports.as_json_ld(items, after)

    @operation(contracts.ExportItemsAsDcat)
    def export_items_as_dcat(self, query: contracts.ExportItemsAsDcat, work: Work) -> TextDocument:
        items, after = exports.part(query.track, query.cursor, work)
        return exports.as_dcat(items, query.track, after)

    @operation(contracts.ExportItemsAsCsv)
    def export_items_as_csv(self, query: contracts.ExportItemsAsCsv, work: Work) -> TextDocument:
        items, after = exports.part(query.track, query.cursor, work)
        return exports.as_csv(items, after)

    @operation(contracts.RetellItems)
    def retell_items(self, query: contracts.RetellItems, work: Work) -> Retold:
        return retell(work.items, query.cursor, item_again, among=PUBLISHED)

    # --- laboratories -------------------------------------------------------------------------------------

    @operation(contracts.GetLaboratory)
    def get_laboratory(self, query: contracts.GetLaboratory, work: Work) -> contracts.LaboratoryView:
        owner = work.owners.get_or_none(query.organisation_id)
        if owner is None or owner.card.kind is not OrganisationKind.laboratory or not owner.active:
            raise work.laboratories.missing(query.organisation_id)
        return self._page_of(owner.card, work)

    @operation(contracts.DescribeLaboratory)
    def describe_laboratory(self, command: contracts.DescribeLaboratory, work: Work) -> contracts.LaboratoryView:
        laboratory = work.laboratories.get_or_none(command.organisation_id) or Laboratory(id=command.organisation_id)
        laboratory.require_version(command.expected_version)
        laboratory.describe(command.profile, by=work.caller)
        if laboratory.version:
            work.laboratories.save(laboratory)
        else:
            work.laboratories.add(laboratory)
        return self._page_of(owners.owner_of_caller(work, self.ask).card, work)

    def _page_of(self, owner: contracts.OwnerCard, work: Work) -> contracts.LaboratoryView:
        laboratory = work.laboratories.get_or_none(owner.id) or Laboratory(id=owner.id)
        return views.laboratory_view(laboratory, owner, work.items.published_of(owner.id, _ON_A_PAGE))

    # --- access requests ----------------------------------------------------------------------------------

    @operation(contracts.RequestAccess)
    def request_access(self, command: contracts.RequestAccess, work: Work) -> contracts.AccessRequestView:
        item = work.items.get(command.item_id)
        name = work.caller.organisation_name or str(work.caller.organisation_id)
        request = AccessRequest.make(work.new_id(), item, command.words, by=work.caller, name=name, now=work.now)
        work.requests.begin(request)
        return views.request_view(request)

    @operation(contracts.AcceptRequest)
    def accept_request(self, command: contracts.AcceptRequest, work: Work) -> contracts.AccessRequestView:
        request = work.requests.get(command.request_id, expected_version=command.expected_version)
        request.accept(command.words, by=work.caller, now=work.now)
        return self._kept(request, work)

    @operation(contracts.DeclineRequest)
    def decline_request(self, command: contracts.DeclineRequest, work: Work) -> contracts.AccessRequestView:
        request = work.requests.get(command.request_id, expected_version=command.expected_version)
        request.decline(command.reason, by=work.caller, now=work.now)
        return self._kept(request, work)

    @operation(contracts.BeginAccess)
    def begin_access(self, command: contracts.BeginAccess, work: Work) -> contracts.AccessRequestView:
        request = work.requests.get(command.request_id, expected_version=command.expected_version)
        request.begin(by=work.caller)
        return self._kept(request, work)

    @operation(contracts.CompleteAccess)
    def complete_access(self, command: contracts.CompleteAccess, work: Work) -> contracts.AccessRequestView:
        request = work.requests.get(command.request_id, expected_version=command.expected_version)
        request.complete(by=work.caller, now=work.now)
        return self._kept(request, work)

    @operation(contracts.CancelRequest)
    def cancel_request(self, command: contracts.CancelRequest, work: Work) -> contracts.AccessRequestView:
        request = work.requests.get(command.request_id, expected_version=command.expected_version)
        request.cancel(command.reason, by=work.caller, now=work.now)
        return self._kept(request, work)

    @operation(contracts.WriteMessage)
    def write_message(self, command: contracts.WriteMessage, work: Work) -> contracts.AccessRequestView:
        request = work.requests.get(command.request_id)
        request.write(command.words, by=work.caller, now=work.now)
        return self._kept(request, work)

    @operation(contracts.RateAccess)
    def rate_access(self, command: contracts.RateAccess, work: Work) -> contracts.AccessRequestView:
        request = work.requests.get(command.request_id, expected_version=command.expected_version)
        request.rate(command.stars, command.words, by=work.caller, now=work.now)
        return self._kept(request, work)

    def _kept(self, request: AccessRequest, work: Work) -> contracts.AccessRequestView:
        work.requests.save(request)
        return views.request_view(request)

    @operation(contracts.GetAccessRequest)
    def get_access_request(self, query: contracts.GetAccessRequest, work: Work) -> contracts.AccessRequestView:
        request = work.requests.get(query.request_id)
        if not request.readable_by(work.caller):
            raise work.requests.missing(query.request_id)
        return views.request_view(request)

    @operation(contracts.ListAccessRequests)
    def list_access_requests(self, query: contracts.ListAccessRequests, work: Work) -> contracts.AccessRequestPage:
        return views.request_page(work.requests.matching(query, str(work.caller.organisation_id)))

    @operation(contracts.GetOverview)
    def get_overview(self, query: contracts.GetOverview, work: Work) -> contracts.Overview:
        own = str(work.caller.organisation_id)
        owner_id = query.owner_id or own
        if owner_id != own:
            STAFF.require(work.caller)
        return views.overview(owner_id, work.requests.of_owner(owner_id))

    # --- matching -----------------------------------------------------------------------------------------

    @subscribe(calls.CallOpened, calls.CallAmended, calls.DeadlineExtended)
    def match_offers(self, event: Any, work: Work) -> None:
        matching.match(event, self.search, work)

    @operation(contracts.ListMatches)
    def list_matches(self, query: contracts.ListMatches, work: Work) -> contracts.Matches:
        found = work.matches.get_or_none(query.call_id)
        ids = [offer.item.id for offer in found.offers] if found else []
        return views.matches_view(query.call_id, found, work.items.still_published(ids))

    # --- owners -------------------------------------------------------------------------------------------

    @subscribe(
        membership.MemberAppointed,
        membership.AffiliateJoined,
        membership.SpokeJoined,
        membership.MemberUpdated,
        membership.MemberSuspended,
        membership.MemberReinstated,
        membership.MemberLeft,
        catch_up=membership.RetellOrganisations,
    )
    def follow_owner(self, event: Any, work: Work) -> None:
        owners.remember(event, work)

    @every(seconds=0.5)
    def bring_items_in_step(self, work: Work) -> int:
        owner = work.owners.next_unsettled()
        return max(1, owners.bring_in_step(owner, work)) if owner else 0

    # --- by the clock -------------------------------------------------------------------------------------

    @every(seconds=10)
    def ask_for_confirmations(self, work: Work) -> int:
        items = work.items.to_be_confirmed(work.now, AT_ONCE)
        for item in items:
            item.ask_for_confirmation(now=work.now)
        work.items.save_many(items)
        return len(items)
