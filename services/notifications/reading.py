"""What the service answers without changing anything."""

from __future__ import annotations

from services.notifications import choices
from services.notifications.mail.unsubscribing import name_of, read_token
from services.notifications.webhooks import desk
from shared.contracts import notifications as contracts
from shared.contracts.notifications import DeliveryPage, EndpointPage, InboxPage, MutePage, SavedSearchPage, WatchPage
from shared.errors import Invalid
from shared.messaging.operations import operation
from shared.storage.work import Work

_STREAMED_AT_ONCE = 100


class Reading:
    """The queries of `NotificationsService`."""

    # --- the inbox ----------------------------------------------------------------------------------------

    @operation(contracts.ListInbox)
    def list_inbox(self, query: contracts.ListInbox, work: Work) -> InboxPage:
        page = work.entries.inbox(
            work.caller.person_id,
            state=query.state,
            category=query.category,
            now=work.now,
            limit=query.limit,
            cursor=query.cursor,
        )
        messages = work.messages_told.by_id(entry.event_id for entry in page.items)
        items = tuple(entry.view(messages[entry.event_id]) for entry in page.items if entry.event_id in messages)
        unread = work.entries.unread(work.caller.person_id, now=work.now)
        return InboxPage(items=items, next=page.next, total=page.total, unread=unread)

    @operation(contracts.ListEntriesAfter)
    def list_entries_after(self, query: contracts.ListEntriesAfter, work: Work) -> contracts.EntriesAfter:
        if query.mark is None:
            mark = work.entries.first_mark(work.caller.person_id, now=work.now)
            return contracts.EntriesAfter(items=(), mark=mark)
        try:
            found, mark = work.entries.after(work.caller.person_id, query.mark, now=work.now, limit=_STREAMED_AT_ONCE)
        except (ValueError, OverflowError, OSError):
            raise Invalid(errors={"mark": ["Not a mark of this stream."]}) from None
        messages = work.messages_told.by_id(entry.event_id for entry, _ in found)
        items = tuple(
            contracts.EntryAfter(entry=entry.view(messages[entry.event_id]), mark=mark)
            for entry, mark in found
            if entry.event_id in messages
        )
        return contracts.EntriesAfter(items=items, mark=mark)

    @operation(contracts.ListArrivals)
    def list_arrivals(self, query: contracts.ListArrivals, work: Work) -> contracts.Arrivals:
        return work.rounds.arrivals(query.people, query.cursor, now=work.now)

    # --- choices ------------------------------------------------------------------------------------------

    @operation(contracts.GetPreferences)
    def get_preferences(self, query: contracts.GetPreferences, work: Work) -> contracts.PreferencesView:
        return choices.view(work.preferences.of(work.caller.person_id), work)

    @operation(contracts.GetUnsubscription)
    def get_unsubscription(self, query: contracts.GetUnsubscription, work: Work) -> contracts.Unsubscribed:
        _, category = read_token(work.keys.unsubscribing(), query.token)
        return contracts.Unsubscribed(category=category, name=name_of(category))

    @operation(contracts.ListWatches)
    def list_watches(self, query: contracts.ListWatches, work: Work) -> WatchPage:
        page = work.watches.of_person(work.caller.person_id, limit=query.limit, cursor=query.cursor)
        titles = work.calls.titles([watch.call_id for watch in page.items])
        items = tuple(watch.view(titles.get(watch.call_id)) for watch in page.items)
        return WatchPage(items=items, next=page.next, total=page.total)

    @operation(contracts.ListMutes)
    def list_mutes(self, query: contracts.ListMutes, work: Work) -> MutePage:
        page = work.mutes.of_person(work.caller.person_id, limit=query.limit, cursor=query.cursor)
        return MutePage(items=tuple(mute.view() for mute in page.items), next=page.next, total=page.total)

    @operation(contracts.GetSavedSearch)
    def get_saved_search(self, query: contracts.GetSavedSearch, work: Work) -> contracts.SavedSearchView:
        saved = work.searches.of_person(query.search_id, work.caller.person_id)
        return saved.view(work.found.count(saved.id))

    @operation(contracts.ListSavedSearches)
    def list_saved_searches(self, query: contracts.ListSavedSearches, work: Work) -> SavedSearchPage:
        page = work.searches.page_of(work.caller.person_id, limit=query.limit, cursor=query.cursor)
        items = tuple(saved.view(work.found.count(saved.id)) for saved in page.items)
        return SavedSearchPage(items=items, next=page.next, total=page.total)

    # --- webhooks -----------------------------------------------------------------------------------------

    @operation(contracts.GetEndpoint)
    def get_endpoint(self, query: contracts.GetEndpoint, work: Work) -> contracts.EndpointView:
        return work.endpoints.of(query.endpoint_id, desk.owners_of(work.caller)).view(now=work.now)

    @operation(contracts.ListEndpoints)
    def list_endpoints(self, query: contracts.ListEndpoints, work: Work) -> EndpointPage:
        page = work.endpoints.page_of(desk.owners_of(work.caller), limit=query.limit, cursor=query.cursor)
        items = tuple(endpoint.view(now=work.now) for endpoint in page.items)
        return EndpointPage(items=items, next=page.next, total=page.total)

    @operation(contracts.ListDeliveries)
    def list_deliveries(self, query: contracts.ListDeliveries, work: Work) -> DeliveryPage:
        endpoint = work.endpoints.of(query.endpoint_id, desk.owners_of(work.caller))
        page = work.deliveries.page_of(endpoint.id, query.state, limit=query.limit, cursor=query.cursor)
        return DeliveryPage(items=tuple(each.view() for each in page.items), next=page.next, total=page.total)

    @operation(contracts.GetReplay)
    def get_replay(self, query: contracts.GetReplay, work: Work) -> contracts.ReplayView:
        replay = work.replays.get(query.replay_id)
        work.endpoints.of(replay.endpoint_id, desk.owners_of(work.caller))
        return replay.view()
