"""The notifications service: what it hears, what it is asked, and what it does when."""

from __future__ import annotations

from services.notifications.audience import ApplicationEvent, CallEvent
from services.notifications.delivery import tell, tell_next_chunk
from services.notifications.domain import CHUNK, Watch
from services.notifications.repository import (
    ChunkRepository,
    DispatchRepository,
    EntryRepository,
    KnownCall,
    KnownCalls,
    KnownPeople,
    KnownPerson,
    PreferencesRepository,
    WatchRepository,
)
from shared.contracts import calls, membership
from shared.contracts import notifications as contracts
from shared.contracts.shapes import Done
from shared.messaging.ask import Ask
from shared.messaging.operations import operation
from shared.messaging.schedule import every
from shared.messaging.subscribe import subscribe
from shared.storage.work import UnitOfWork, Work


class NotificationsService:
    """What matters to each person, told once."""

    name = "notifications"
    ask = Ask()
    work = UnitOfWork(
        preferences=PreferencesRepository,
        watches=WatchRepository,
        entries=EntryRepository,
        dispatches=DispatchRepository,
        chunks=ChunkRepository,
        calls=KnownCalls,
        people=KnownPeople,
    )

    # --- what is told -------------------------------------------------------------------------------------

    @subscribe(
        calls.CallOpened,
        calls.CallAmended,
        calls.DeadlineExtended,
        calls.CallClosingSoon,
        calls.CallSuspended,
        calls.CallResumed,
        calls.CallWithdrawn,
    )
    def tell_of_call(self, event: CallEvent, work: Work) -> None:
        tell(event, work)

    @subscribe(
        membership.ChangesRequested,
        membership.ApplicationRejected,
        membership.AffiliateJoined,
        membership.PersonInvited,
    )
    def tell_of_membership(self, event: ApplicationEvent | membership.PersonInvited, work: Work) -> None:
        tell(event, work)

    @every(seconds=0.5)
    def tell_the_rest(self, work: Work) -> int:
        return tell_next_chunk(work)

    # --- what is remembered -------------------------------------------------------------------------------

    @subscribe(
        calls.CallPublished,
        calls.CallOpened,
        calls.CallAmended,
        calls.DeadlineExtended,
        calls.CallClosingSoon,
        calls.CallClosed,
        calls.CallSuspended,
        calls.CallResumed,
        calls.CallWithdrawn,
        batch=100,
        catch_up=calls.RetellCalls,
    )
    def remember_calls(self, events: list, work: Work) -> None:
        for event, message in zip(events, work.messages, strict=True):
            work.calls.keep(KnownCall(id=event.call_id, card=event.call), sequence=message.sequence)

    @subscribe(membership.PersonRegistered, batch=100, catch_up=membership.RetellPeople)
    def remember_people(self, events: list, work: Work) -> None:
        for event, message in zip(events, work.messages, strict=True):
            person = KnownPerson(id=event.person_id, email=event.email, language=event.language)
            work.people.keep(person, sequence=message.sequence)

    @every(seconds=3600)
    def forget_what_is_over(self, work: Work) -> int:
        return work.entries.forget_expired(work.now, limit=CHUNK) + work.dispatches.forget_completed(
            work.now, limit=CHUNK
        )

    # --- preferences --------------------------------------------------------------------------------------

    @operation(contracts.GetPreferences)
    def get_preferences(self, query: contracts.GetPreferences, work: Work) -> contracts.PreferencesView:
        return work.preferences.of(work.caller.person_id).view()

    @operation(contracts.ChooseInterests)
    def choose_interests(self, command: contracts.ChooseInterests, work: Work) -> contracts.PreferencesView:
        preferences = work.preferences.of(work.caller.person_id, expected_version=command.expected_version)
        preferences.choose(command.interests)
        work.preferences.keep(preferences)
        return preferences.view()

    # --- watches ------------------------------------------------------------------------------------------

    @operation(contracts.WatchCall)
    def watch_call(self, command: contracts.WatchCall, work: Work) -> contracts.WatchView:
        known = work.calls.get_or_none(command.call_id)
        # A call published this moment may not have reached us: its own service says whether there is one.
        title = known.card.title if known else self.ask(calls.GetCall(call_id=command.call_id)).content.title
        watch = work.watches.begin(Watch.begin(work.caller.person_id, command.call_id, now=work.now))
        return watch.view(title)

    @operation(contracts.StopWatching)
    def stop_watching(self, command: contracts.StopWatching, work: Work) -> Done:
        watch = work.watches.get_or_none(Watch.id_of(work.caller.person_id, command.call_id))
        if watch:
            work.watches.remove(watch)
        return Done(id=command.call_id, version=watch.version if watch else 0)

    @operation(contracts.ListWatches)
    def list_watches(self, query: contracts.ListWatches, work: Work) -> contracts.WatchPage:
        page = work.watches.of_person(work.caller.person_id, limit=query.limit, cursor=query.cursor)
        titles = work.calls.titles([watch.call_id for watch in page.items])
        items = tuple(watch.view(titles.get(watch.call_id)) for watch in page.items)
        return contracts.WatchPage(items=items, next=page.next, total=page.total)

    # --- inbox --------------------------------------------------------------------------------------------

    @operation(contracts.ListInbox)
    def list_inbox(self, query: contracts.ListInbox, work: Work) -> contracts.InboxPage:
        page = work.entries.inbox(
            work.caller.person_id,
            state=query.state,
            category=query.category,
            now=work.now,
            limit=query.limit,
            cursor=query.cursor,
        )
        return contracts.InboxPage(
            items=tuple(entry.view() for entry in page.items),
            next=page.next,
            total=page.total,
            unread=work.entries.unread(work.caller.person_id, now=work.now),
        )

    @operation(contracts.MarkEntry)
    def mark_entry(self, command: contracts.MarkEntry, work: Work) -> contracts.InboxEntry:
        entry = work.entries.of_person(command.entry_id, work.caller.person_id)
        if entry.mark(command.state):
            work.entries.save(entry)
        return entry.view()

    @operation(contracts.MarkAllRead)
    def mark_all_read(self, command: contracts.MarkAllRead, work: Work) -> contracts.MarkedRead:
        return contracts.MarkedRead(entries=work.entries.mark_all_read(work.caller.person_id, now=work.now))
