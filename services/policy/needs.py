"""What is asked of policy about needs: by members, by staff, and by who writes one."""

from __future__ import annotations

from services.policy import loop
from services.policy.domain import Need, NeedComment
from services.policy.members import voice_of
from services.policy.similar import NEEDS, similar
from services.policy.views import comment_page, need_page, need_view
from shared.contracts import policy as contracts
from shared.messaging.operations import operation
from shared.search import SearchIndex
from shared.storage.work import Work


class NeedsPart:
    """The part of the service by which needs are stated, shared, discussed and decided on."""

    search = SearchIndex(NEEDS)

    # --- needs, by members --------------------------------------------------------------------------------

    @operation(contracts.SubmitNeed)
    def submit_need(self, command: contracts.SubmitNeed, work: Work) -> contracts.NeedView:
        need = Need.submit(work.new_id(), command.content, by=voice_of(work.caller, work.now))
        work.needs.add(need)
        return need_view(need, work)

    @operation(contracts.ReviseNeed)
    def revise_need(self, command: contracts.ReviseNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id, expected_version=command.expected_version)
        if need.revise(command.content, organisation_id=work.caller.organisation_id, now=work.now):
            work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.EndorseNeed)
    def endorse_need(self, command: contracts.EndorseNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id)
        if need.endorse(voice_of(work.caller, work.now)):
            work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.WithdrawEndorsement)
    def withdraw_endorsement(self, command: contracts.WithdrawEndorsement, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id)
        if need.withdraw_endorsement(work.caller.organisation_id, now=work.now):
            work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.CommentOnNeed)
    def comment_on_need(self, command: contracts.CommentOnNeed, work: Work) -> contracts.NeedCommentView:
        need = work.needs.get(command.need_id)
        need.require_open_to_comments()
        voice = voice_of(work.caller, work.now)
        comment = NeedComment(id=work.new_id(), need_id=need.id, by=voice, text=command.text, commented_at=work.now)
        work.comments.add(comment)
        told = contracts.NeedCommented(
            need_id=need.id, need=need.card(), comment_id=comment.id, by=voice, text=command.text
        )
        work.publish(told, sequence=need.version)
        return comment.view(work.caller)

    # --- needs, by staff ----------------------------------------------------------------------------------

    @operation(contracts.AnalyseNeed)
    def analyse_need(self, command: contracts.AnalyseNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id, expected_version=command.expected_version)
        need.analyse(now=work.now)
        work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.AcceptNeed)
    def accept_need(self, command: contracts.AcceptNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id, expected_version=command.expected_version)
        need.accept(command.reason, now=work.now)
        work.needs.save(need)
        loop.answer_if_covered(need, work)
        return need_view(need, work)

    @operation(contracts.DeclineNeed)
    def decline_need(self, command: contracts.DeclineNeed, work: Work) -> contracts.NeedView:
        need = work.needs.get(command.need_id, expected_version=command.expected_version)
        need.decline(command.reason, now=work.now)
        work.needs.save(need)
        return need_view(need, work)

    @operation(contracts.MergeNeed)
    def merge_need(self, command: contracts.MergeNeed, work: Work) -> contracts.NeedView:
        return need_view(loop.merge(command, work), work)

    @operation(contracts.HideNeedComment)
    def hide_need_comment(self, command: contracts.HideNeedComment, work: Work) -> contracts.NeedCommentView:
        comment = work.comments.of_need(command.comment_id, command.need_id, expected_version=command.expected_version)
        was_shown = comment.hide(command.reason, now=work.now)
        work.comments.save(comment)
        if was_shown:
            need = work.needs.get(command.need_id)
            told = contracts.NeedCommentHidden(
                need_id=need.id,
                need=need.card(),
                comment_id=comment.id,
                person_id=comment.by.person_id,
                reason=command.reason,
                hidden_at=work.now,
            )
            work.publish(told, sequence=need.version)
        return comment.view(work.caller)

    @operation(contracts.ShowNeedComment)
    def show_need_comment(self, command: contracts.ShowNeedComment, work: Work) -> contracts.NeedCommentView:
        comment = work.comments.of_need(command.comment_id, command.need_id, expected_version=command.expected_version)
        comment.show()
        work.comments.save(comment)
        return comment.view(work.caller)

    # --- reading needs ------------------------------------------------------------------------------------

    @operation(contracts.GetNeed)
    def get_need(self, query: contracts.GetNeed, work: Work) -> contracts.NeedView:
        return need_view(work.needs.get(query.need_id), work)

    @operation(contracts.ListNeeds)
    def list_needs(self, query: contracts.ListNeeds, work: Work) -> contracts.NeedPage:
        chain = work.members.subsectors_of(work.caller.organisation_id) if query.chain else None
        return need_page(work.needs.newest(query, chain=chain), work)

    @operation(contracts.FindSimilarNeeds)
    def find_similar_needs(self, query: contracts.FindSimilarNeeds, work: Work) -> contracts.SimilarNeeds:
        return similar(query, self.search, work)

    @operation(contracts.ListNeedComments)
    def list_need_comments(self, query: contracts.ListNeedComments, work: Work) -> contracts.NeedCommentPage:
        need = work.needs.get(query.need_id)
        page = work.comments.on(need.id, limit=query.limit, cursor=query.cursor)
        return comment_page(page, work.caller)
