"""The notifications service: what it hears, what it is asked, and what it does when."""

from __future__ import annotations

from typing import Any

from services.notifications import choices, gathering, remembering
from services.notifications.domain.preferences import Watch
from services.notifications.mail.courier import MailCourier
from services.notifications.mail.unsubscribing import Keys, name_of, read_token
from services.notifications.reading import Reading
from services.notifications.repository.audience import Audience
from services.notifications.repository.inbox import Dispatches, Entries, Messages, Rounds
from services.notifications.repository.outgoing import (
    Addresses,
    Deliveries,
    Digests,
    Endpoints,
    Mails,
    Postings,
    RemindersRepository,
    Replays,
)
from services.notifications.repository.people import (
    Belongings,
    Found,
    KnownCall,
    KnownCalls,
    KnownOrganisations,
    KnownPeople,
    MuteRepository,
    PreferencesRepository,
    SearchRepository,
    WatchRepository,
)
from services.notifications.rounds import sending
from services.notifications.sealing import seal_anew, with_secret_shown
from services.notifications.table import (
    of_applications,
    of_calls,
    of_catalogue,
    of_membership,
    of_notifications,
    of_policy,
    of_support,
)
from services.notifications.telling import tell, tell_next
from services.notifications.webhooks import desk
from services.notifications.webhooks.courier import WebhookCourier
from services.notifications.webhooks.exposure import EXPOSED
from shared.contracts import calls, membership
from shared.contracts import notifications as contracts
from shared.contracts.shapes import Done
from shared.messaging.ask import Ask
from shared.messaging.operations import operation
from shared.messaging.schedule import every
from shared.messaging.subscribe import subscribe
from shared.storage.work import UnitOfWork, Work

_FORGOTTEN_AT_ONCE = 200


class NotificationsService(Reading):
    """What matters to each person, told once."""

    name = "notifications"
    ask = Ask(calls.GetCall)
    mail = MailCourier()
    webhooks = WebhookCourier()
    work = UnitOfWork(
        preferences=PreferencesRepository,
        watches=WatchRepository,
        mutes=MuteRepository,
        searches=SearchRepository,
        found=Found,
        audience=Audience,
        messages_told=Messages,
        entries=Entries,
        rounds=Rounds,
        dispatches=Dispatches,
        mails=Mails,
        addresses=Addresses,
        keys=Keys,
        digests=Digests,
        reminders=RemindersRepository,
        endpoints=Endpoints,
        deliveries=Deliveries,
        postings=Postings,
        replays=Replays,
        calls=KnownCalls,
        people=KnownPeople,
        organisations=KnownOrganisations,
        belongings=Belongings,
    )

    # --- what is told -------------------------------------------------------------------------------------

    @subscribe(*of_calls.NOTICES, *of_applications.NOTICES)
    def tell_of_call(self, event: Any, work: Work) -> None:
        tell(event, work)

    @subscribe(*of_membership.NOTICES)
    def tell_of_membership(self, event: Any, work: Work) -> None:
        tell(event, work)

    @subscribe(*of_catalogue.NOTICES)
    def tell_of_catalogue(self, event: Any, work: Work) -> None:
        tell(event, work)

    @subscribe(*of_policy.NOTICES)
    def tell_of_policy(self, event: Any, work: Work) -> None:
        tell(event, work)

    @subscribe(*of_support.NOTICES)
    def tell_of_support(self, event: Any, work: Work) -> None:
        tell(event, work)

    @subscribe(*of_notifications.NOTICES)
    def tell_of_telling(self, event: Any, work: Work) -> None:
        tell(event, work)

    @every(seconds=0.2)
    def tell_the_rest(self, work: Work) -> int:
        return tell_next(work)

    @every(seconds=0.5)
    def remind_of_deadlines(self, work: Work) -> int:
        return gathering.remind(work)

    @every(seconds=1)
    def make_digests(self, work: Work) -> int:
        return gathering.make_digests(work)

    # --- what leaves the hub ------------------------------------------------------------------------------

    @sending(seconds=0.2)
    def send_mail(self) -> int:
        return self.mail.round(self.work)

    @subscribe(*EXPOSED, batch=50)
    def post_to_endpoints(self, events: list, work: Work) -> None:
        desk.post(events, work)

    @sending(seconds=0.2)
    def post_deliveries(self) -> int:
        return self.webhooks.round(self.work)

    @every(seconds=0.5)
    def replay_periods(self, work: Work) -> int:
        return desk.replay_next(work)

    @every(seconds=600)
    def seal_secrets_anew(self, work: Work) -> int:
        return seal_anew(work)

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
            gathering.plan_reminders(event, message.sequence, work)

    @subscribe(membership.PersonRegistered, batch=100, catch_up=membership.RetellPeople)
    def remember_people(self, events: list, work: Work) -> None:
        for event, message in zip(events, work.messages, strict=True):
            remembering.remember_person(event, message.sequence, work)

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
    def remember_organisations(self, event: Any, work: Work) -> None:
        remembering.remember_organisation(event.organisation, work.message.sequence, work)

    @subscribe(
        membership.PersonJoined,
        membership.PersonRoleChanged,
        membership.PersonLeft,
        catch_up=membership.RetellOrganisations,
    )
    def remember_belongings(self, event: Any, work: Work) -> None:
        remembering.remember_belonging(event, work.message.sequence, work)

    @subscribe(calls.ApplicationDrafted, calls.ApplicationSubmitted, calls.ApplicationWithdrawn, calls.DraftExpired)
    def remember_drafts(self, event: Any, work: Work) -> None:
        remembering.remember_draft(event, work)

    @subscribe(membership.PersonErased)
    def forget_person(self, event: membership.PersonErased, work: Work) -> None:
        remembering.forget_person(event.person_id, work.message.sequence, work)

    @every(seconds=600)
    def forget_what_is_over(self, work: Work) -> int:
        message = work.messages_told.expired(work.now)
        gone = work.rounds.forget_entries(message, work.entries, work.messages_told) if message else 0
        for kept in (work.mails, work.deliveries):
            gone += kept.forget_settled(work.now, limit=_FORGOTTEN_AT_ONCE)
        gone += work.postings.forget_old(work.now, limit=_FORGOTTEN_AT_ONCE)
        return gone + work.dispatches.forget_completed(work.now, limit=_FORGOTTEN_AT_ONCE)

    # --- preferences --------------------------------------------------------------------------------------

    @operation(contracts.ChooseInterests)
    def choose_interests(self, command: contracts.ChooseInterests, work: Work) -> contracts.PreferencesView:
        preferences = work.preferences.of(work.caller.person_id, expected_version=command.expected_version)
        choices.choose_interests(preferences, command.interests, work)
        return choices.view(preferences, work)

    @operation(contracts.ChooseDelivery)
    def choose_delivery(self, command: contracts.ChooseDelivery, work: Work) -> contracts.PreferencesView:
        preferences = work.preferences.of(work.caller.person_id, expected_version=command.expected_version)
        choices.choose_delivery(preferences, command, work)
        return choices.view(preferences, work)

    @operation(contracts.TrustAddress)
    def trust_address(self, command: contracts.TrustAddress, work: Work) -> contracts.PreferencesView:
        choices.trust_address(work.caller.person_id, work)
        return choices.view(work.preferences.of(work.caller.person_id), work)

    @operation(contracts.Unsubscribe)
    def unsubscribe(self, command: contracts.Unsubscribe, work: Work) -> contracts.Unsubscribed:
        person_id, category = read_token(work.keys.unsubscribing(), command.token)
        choices.stop_email(person_id, category, work)
        return contracts.Unsubscribed(category=category, name=name_of(category))

    # --- watches, mutes, searches -------------------------------------------------------------------------

    @operation(contracts.WatchCall)
    def watch_call(self, command: contracts.WatchCall, work: Work) -> contracts.WatchView:
        known = work.calls.get_or_none(command.call_id)
        # A call published this moment may not have reached us: its own service says whether there is one.
        title = known.card.title if known else self.ask(calls.GetCall(call_id=command.call_id)).content.title
        watch: Watch = choices.watch(command.call_id, work)
        return watch.view(title)

    @operation(contracts.StopWatching)
    def stop_watching(self, command: contracts.StopWatching, work: Work) -> Done:
        return Done(id=command.call_id, version=choices.stop_watching(command.call_id, work))

    @operation(contracts.MuteSubject)
    def mute_subject(self, command: contracts.MuteSubject, work: Work) -> contracts.MuteView:
        return choices.mute(command, work).view()

    @operation(contracts.UnmuteSubject)
    def unmute_subject(self, command: contracts.UnmuteSubject, work: Work) -> Done:
        return Done(id=command.subject_id, version=choices.unmute(command, work))

    @operation(contracts.SaveSearch)
    def save_search(self, command: contracts.SaveSearch, work: Work) -> contracts.SavedSearchView:
        return choices.save_search(command, work).view(0)

    @operation(contracts.ReviseSearch)
    def revise_search(self, command: contracts.ReviseSearch, work: Work) -> contracts.SavedSearchView:
        saved = choices.revise_search(command, work)
        return saved.view(work.found.count(saved.id))

    @operation(contracts.ForgetSearch)
    def forget_search(self, command: contracts.ForgetSearch, work: Work) -> Done:
        return Done(id=command.search_id, version=choices.forget_search(command.search_id, work).version)

    # --- inbox --------------------------------------------------------------------------------------------

    @operation(contracts.MarkEntry)
    def mark_entry(self, command: contracts.MarkEntry, work: Work) -> contracts.InboxEntry:
        entry = work.entries.of_person(command.entry_id, work.caller.person_id)
        if entry.mark(command.state):
            work.entries.save(entry)
        return entry.view(work.messages_told.get(entry.event_id))

    @operation(contracts.MarkAllRead)
    def mark_all_read(self, command: contracts.MarkAllRead, work: Work) -> contracts.MarkedRead:
        return contracts.MarkedRead(entries=work.entries.mark_all_read(work.caller.person_id, now=work.now))

    # --- webhooks -----------------------------------------------------------------------------------------

    @operation(contracts.RegisterEndpoint, shown=with_secret_shown)
    def register_endpoint(self, command: contracts.RegisterEndpoint, work: Work) -> contracts.EndpointView:
        return desk.register(command, work, self.webhooks.poster)

    @operation(contracts.ReviseEndpoint)
    def revise_endpoint(self, command: contracts.ReviseEndpoint, work: Work) -> contracts.EndpointView:
        return desk.revise(command, work, self.webhooks.poster)

    @operation(contracts.VerifyEndpoint)
    def verify_endpoint(self, command: contracts.VerifyEndpoint, work: Work) -> contracts.EndpointView:
        return desk.verify(command, work)

    @operation(contracts.RotateSecret, shown=with_secret_shown)
    def rotate_secret(self, command: contracts.RotateSecret, work: Work) -> contracts.EndpointView:
        return desk.rotate(command, work)

    @operation(contracts.ForgetEndpoint)
    def forget_endpoint(self, command: contracts.ForgetEndpoint, work: Work) -> Done:
        return Done(id=command.endpoint_id, version=desk.forget(command.endpoint_id, work).version)

    @operation(contracts.RetryDelivery)
    def retry_delivery(self, command: contracts.RetryDelivery, work: Work) -> contracts.DeliveryView:
        return desk.retry(command.delivery_id, work)

    @operation(contracts.ReplayPeriod)
    def replay_period(self, command: contracts.ReplayPeriod, work: Work) -> contracts.ReplayView:
        return desk.begin_replay(command, work).view()
