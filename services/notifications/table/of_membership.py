"""What is told of membership: applications, terms, expressions of interest, people."""

from __future__ import annotations

from services.notifications.domain.mail import Addressee
from services.notifications.table.concerns import (
    administrators,
    affiliates,
    applicant,
    invited,
    promoter_staff,
    reviewers,
    staff,
    the_person,
)
from services.notifications.table.notice import Notice, Silence
from shared.contracts import membership
from shared.contracts.notifications import Category
from shared.errors import Words

NOTICES: dict[type, Notice] = {
    membership.ApplicationSubmitted: Notice(
        category=Category.membership,
        concerns=(staff,),
        title=Words(
            "Nuova domanda di adesione: {{ organisation }}", "New application for membership: {{ organisation }}"
        ),
        body=Words(
            "{{ organisation }} ha presentato la domanda di adesione all'Hub.",
            "{{ organisation }} has applied for membership of the Hub.",
        ),
    ),
    membership.ChangesRequested: Notice(
        category=Category.membership,
        concerns=(applicant,),
        title=Words("Domanda da modificare: {{ organisation }}", "Application to be changed: {{ organisation }}"),
        body=Words(
            "Per la domanda di adesione di {{ organisation }} sono richieste modifiche:\n{{ message }}",
            "Changes are requested to the application for membership of {{ organisation }}:\n{{ message }}",
        ),
    ),
    membership.ApplicationRejected: Notice(
        category=Category.membership,
        concerns=(applicant,),
        title=Words("Domanda non accolta: {{ organisation }}", "Application rejected: {{ organisation }}"),
        body=Words(
            "La domanda di adesione di {{ organisation }} non è stata accolta.\n"
            "Motivo: {{ reason }}\n"
            "{% if again %}Si può ripresentare da {{ again }}.{% endif %}",
            "The application for membership of {{ organisation }} was rejected.\n"
            "Reason: {{ reason }}\n"
            "{% if again %}It may be handed in again from {{ again }}.{% endif %}",
        ),
    ),
    membership.ApplicationWithdrawn: Notice(
        category=Category.membership,
        concerns=(applicant,),
        title=Words("Domanda ritirata: {{ organisation }}", "Application withdrawn: {{ organisation }}"),
        body=Words(
            "La domanda di adesione di {{ organisation }} è ritirata.",
            "The application for membership of {{ organisation }} is withdrawn.",
        ),
    ),
    membership.AffiliateJoined: Notice(
        category=Category.membership,
        concerns=(applicant,),
        title=Words("Benvenuti nell'Hub: {{ organisation }}", "Welcome to the Hub: {{ organisation }}"),
        body=Words(
            "La domanda è stata accolta: {{ organisation }} aderisce all'Hub Cultura e Creatività come affiliato.",
            "The application was accepted: {{ organisation }} joins the Hub Cultura e Creatività as an affiliate.",
        ),
    ),
    membership.SpokeJoined: Notice(
        category=Category.membership,
        concerns=(applicant,),
        title=Words("{{ organisation }} è uno spoke dell'Hub", "{{ organisation }} is a spoke of the Hub"),
        body=Words(
            "La candidatura è stata accolta: {{ organisation }} è da ora uno spoke dell'Hub Cultura e Creatività.",
            "The application was accepted: {{ organisation }} is from now on a spoke of the Hub Cultura e Creatività.",
        ),
    ),
    membership.MemberSuspended: Notice(
        category=Category.membership,
        concerns=(administrators,),
        title=Words("Adesione sospesa: {{ organisation }}", "Membership suspended: {{ organisation }}"),
        body=Words(
            "L'adesione di {{ organisation }} è sospesa.\nMotivo: {{ reason }}",
            "The membership of {{ organisation }} is suspended.\nReason: {{ reason }}",
        ),
    ),
    membership.MemberReinstated: Notice(
        category=Category.membership,
        concerns=(administrators,),
        title=Words("Adesione riattivata: {{ organisation }}", "Membership reinstated: {{ organisation }}"),
        body=Words(
            "L'adesione di {{ organisation }} è di nuovo attiva.",
            "The membership of {{ organisation }} is active again.",
        ),
    ),
    membership.MemberLeft: Notice(
        category=Category.membership,
        concerns=(administrators,),
        title=Words("Adesione terminata: {{ organisation }}", "Membership ended: {{ organisation }}"),
        body=Words(
            "L'adesione di {{ organisation }} all'Hub è terminata.\nMotivo: {{ reason }}",
            "The membership of {{ organisation }} in the Hub has ended.\nReason: {{ reason }}",
        ),
    ),
    membership.TermExpiring: Notice(
        category=Category.membership,
        concerns=(administrators,),
        title=Words(
            "L'adesione scade fra {{ days_left }}: {{ organisation }}",
            "Membership expires in {{ days_left }}: {{ organisation }}",
        ),
        body=Words(
            "L'adesione di {{ organisation }} vale fino a {{ ends }}. Si può chiedere il rinnovo.",
            "The membership of {{ organisation }} is valid until {{ ends }}. A renewal can be requested.",
        ),
    ),
    membership.RenewalRequested: Notice(
        category=Category.membership,
        concerns=(promoter_staff,),
        title=Words("Rinnovo richiesto: {{ organisation }}", "Renewal requested: {{ organisation }}"),
        body=Words(
            "{{ organisation }} chiede di rinnovare l'adesione all'Hub.",
            "{{ organisation }} asks to renew its membership of the Hub.",
        ),
    ),
    membership.TermRenewed: Notice(
        category=Category.membership,
        concerns=(administrators,),
        title=Words("Adesione rinnovata: {{ organisation }}", "Membership renewed: {{ organisation }}"),
        body=Words(
            "L'adesione di {{ organisation }} è rinnovata fino a {{ ends }}.",
            "The membership of {{ organisation }} is renewed until {{ ends }}.",
        ),
    ),
    membership.ExpressionOfInterestOpened: Notice(
        category=Category.membership,
        concerns=(affiliates,),
        title=Words("Manifestazione di interesse: {{ title }}", "Expression of interest: {{ title }}"),
        body=Words(
            "È aperta la manifestazione di interesse «{{ title }}» per diventare spoke dell'Hub.\n{{ closing }}",
            "The expression of interest “{{ title }}” to become a spoke of the Hub is open.\n{{ closing }}",
        ),
    ),
    membership.ExpressionOfInterestExtended: Notice(
        category=Category.membership,
        concerns=(affiliates,),
        title=Words("Più tempo: {{ title }}", "More time: {{ title }}"),
        body=Words(
            "C'è più tempo per la manifestazione di interesse «{{ title }}».\n{{ closing }}",
            "There is more time for the expression of interest “{{ title }}”.\n{{ closing }}",
        ),
    ),
    membership.ExpressionOfInterestClosed: Notice(
        category=Category.membership,
        concerns=(reviewers,),
        title=Words("Candidature da valutare: {{ title }}", "Applications to score: {{ title }}"),
        body=Words(
            "La manifestazione di interesse «{{ title }}» è chiusa: le candidature si possono valutare.",
            "The expression of interest “{{ title }}” is closed: its applications can be scored.",
        ),
    ),
    membership.ExpressionOfInterestWithdrawn: Notice(
        category=Category.membership,
        concerns=(affiliates,),
        title=Words("Manifestazione ritirata: {{ title }}", "Expression of interest withdrawn: {{ title }}"),
        body=Words(
            "La manifestazione di interesse «{{ title }}» è ritirata.\nMotivo: {{ reason }}",
            "The expression of interest “{{ title }}” is withdrawn.\nReason: {{ reason }}",
        ),
    ),
    membership.PersonInvited: Notice(
        category=Category.membership,
        concerns=(invited,),
        title=Words("Invito: {{ organisation }}", "Invitation: {{ organisation }}"),
        body=Words(
            "{{ organisation }} ti invita a farne parte, con il ruolo: {{ role }}.\n"
            "Per rispondere: {{ answer_at }}\n"
            "L'invito vale una volta sola, fino a {{ expires }}.",
            "{{ organisation }} invites you to join it, in the role: {{ role }}.\n"
            "To answer: {{ answer_at }}\n"
            "The invitation is good once, until {{ expires }}.",
        ),
        stranger=lambda event: Addressee(address=event.email, language=event.language or "it"),
    ),
    membership.PersonJoined: Notice(
        category=Category.membership,
        concerns=(the_person,),
        title=Words("Fai parte di {{ organisation }}", "You belong to {{ organisation }}"),
        body=Words(
            "Da ora fai parte di {{ organisation }}, con il ruolo: {{ role }}.",
            "From now on you belong to {{ organisation }}, in the role: {{ role }}.",
        ),
    ),
    membership.PersonRoleChanged: Notice(
        category=Category.membership,
        concerns=(the_person,),
        title=Words("Nuovo ruolo in {{ organisation }}", "New role in {{ organisation }}"),
        body=Words(
            "In {{ organisation }} hai ora il ruolo: {{ role }}.", "In {{ organisation }} your role is now: {{ role }}."
        ),
    ),
}

SILENT: dict[type, Silence] = {
    membership.MemberAppointed: Silence("its first administrator is told by the invitation"),
    membership.MemberUpdated: Silence("it is the member's own doing; projections follow it"),
    membership.OutcomePublished: Silence("each applicant is told by the event of their own outcome"),
    membership.PersonRegistered: Silence("it is the person's own doing"),
    membership.PersonLeft: Silence("the organisation sees it in its list of people"),
    membership.PersonErased: Silence("there is nobody left to tell"),
}
