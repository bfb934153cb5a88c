"""What is told of needs and measures."""

from __future__ import annotations

from services.notifications.table.concerns import INTERESTED, authors_named, need_authors, person_if_known, staff
from services.notifications.table.notice import Notice, Silence
from shared.contracts import policy
from shared.contracts.notifications import Category
from shared.errors import Words

NOTICES: dict[type, Notice] = {
    policy.NeedSubmitted: Notice(
        category=Category.policy,
        concerns=(staff,),
        title=Words("Nuovo fabbisogno: {{ need }}", "New need: {{ need }}"),
        body=Words("È stato segnalato il fabbisogno «{{ need }}».", "The need “{{ need }}” has been stated."),
    ),
    policy.NeedTakenInHand: Notice(
        category=Category.policy,
        concerns=(need_authors,),
        title=Words("Fabbisogno in analisi: {{ need }}", "Need under analysis: {{ need }}"),
        body=Words("Il fabbisogno «{{ need }}» è in analisi.", "The need “{{ need }}” is being analysed."),
    ),
    policy.NeedAccepted: Notice(
        category=Category.policy,
        concerns=(need_authors,),
        title=Words("Fabbisogno riconosciuto: {{ need }}", "Need recognised: {{ need }}"),
        body=Words(
            "Il fabbisogno «{{ need }}» è riconosciuto e attende una misura.\n{{ reason }}",
            "The need “{{ need }}” is recognised and waits for a measure.\n{{ reason }}",
        ),
    ),
    policy.NeedDeclined: Notice(
        category=Category.policy,
        concerns=(need_authors,),
        title=Words("Fabbisogno non accolto: {{ need }}", "Need declined: {{ need }}"),
        body=Words(
            "Il fabbisogno «{{ need }}» non è stato accolto.\nMotivo: {{ reason }}",
            "The need “{{ need }}” was declined.\nReason: {{ reason }}",
        ),
    ),
    policy.NeedMerged: Notice(
        category=Category.policy,
        concerns=(need_authors,),
        title=Words("Fabbisogno unito a un altro: {{ need }}", "Need merged: {{ need }}"),
        body=Words(
            "Il fabbisogno «{{ need }}» prosegue dentro un altro: «{{ into }}».\nMotivo: {{ reason }}",
            "The need “{{ need }}” goes on within another: “{{ into }}”.\nReason: {{ reason }}",
        ),
    ),
    policy.NeedCommented: Notice(
        category=Category.policy,
        concerns=(need_authors,),
        title=Words("Commento al fabbisogno: {{ need }}", "Comment on the need: {{ need }}"),
        body=Words("C'è un commento al fabbisogno «{{ need }}».", "There is a comment on the need “{{ need }}”."),
    ),
    policy.NeedCommentHidden: Notice(
        category=Category.policy,
        concerns=(person_if_known,),
        title=Words("Commento nascosto: {{ need }}", "Comment hidden: {{ need }}"),
        body=Words(
            "Un tuo commento al fabbisogno «{{ need }}» è stato nascosto.\nMotivo: {{ reason }}",
            "A comment of yours on the need “{{ need }}” was hidden.\nReason: {{ reason }}",
        ),
    ),
    policy.NeedAnswered: Notice(
        category=Category.policy,
        concerns=(need_authors,),
        title=Words("Una misura per il fabbisogno: {{ need }}", "A measure for the need: {{ need }}"),
        body=Words(
            "Al fabbisogno «{{ need }}» risponde la misura «{{ measure }}».",
            "The need “{{ need }}” is answered by the measure “{{ measure }}”.",
        ),
    ),
    policy.NeedAnswerAdvanced: Notice(
        category=Category.policy,
        concerns=(need_authors,),
        title=Words("Un passo avanti: {{ need }}", "A step further: {{ need }}"),
        body=Words(
            "La misura «{{ measure }}», che risponde al fabbisogno «{{ need }}», è andata avanti: {{ step }}.\n"
            "{% if call %}Bando: {{ call }}.{% endif %}\n"
            "{% if granted %}Concessi in tutto: {{ granted }}.{% endif %}",
            "The measure “{{ measure }}”, which answers the need “{{ need }}”, has gone a step further: {{ step }}.\n"
            "{% if call %}Call: {{ call }}.{% endif %}\n"
            "{% if granted %}Granted in all: {{ granted }}.{% endif %}",
        ),
    ),
    policy.ConsultationOpened: Notice(
        category=Category.policy,
        concerns=(
            authors_named,
            INTERESTED,
        ),
        title=Words("Consultazione aperta: {{ measure }}", "Consultation open: {{ measure }}"),
        body=Words(
            "Si può dire la propria sulla misura «{{ measure }}».\n{{ closing }}",
            "Members may say what they think of the measure “{{ measure }}”.\n{{ closing }}",
        ),
    ),
    policy.ConsultationExtended: Notice(
        category=Category.policy,
        concerns=(INTERESTED,),
        title=Words("Consultazione prorogata: {{ measure }}", "Consultation extended: {{ measure }}"),
        body=Words(
            "C'è più tempo per dire la propria sulla misura «{{ measure }}», fino a {{ after }}.",
            "There is more time to say what you think of the measure “{{ measure }}”, until {{ after }}.",
        ),
    ),
    policy.ConsultationClosed: Notice(
        category=Category.policy,
        concerns=(staff,),
        title=Words("Consultazione conclusa: {{ measure }}", "Consultation closed: {{ measure }}"),
        body=Words(
            "La consultazione sulla misura «{{ measure }}» è conclusa.",
            "The consultation on the measure “{{ measure }}” is closed.",
        ),
    ),
    policy.ContributionMade: Notice(
        category=Category.policy,
        concerns=(staff,),
        title=Words("Contributo alla misura: {{ measure }}", "Contribution to the measure: {{ measure }}"),
        body=Words(
            "{{ organisation }} ha detto la sua sulla misura «{{ measure }}».",
            "{{ organisation }} has said what it thinks of the measure “{{ measure }}”.",
        ),
    ),
    policy.ContributionAnswered: Notice(
        category=Category.policy,
        concerns=(person_if_known,),
        title=Words("Risposta al tuo contributo: {{ measure }}", "Answer to your contribution: {{ measure }}"),
        body=Words(
            "C'è una risposta al tuo contributo sulla misura «{{ measure }}»:\n{{ answer }}",
            "There is an answer to your contribution on the measure “{{ measure }}”:\n{{ answer }}",
        ),
    ),
    policy.MeasureAdopted: Notice(
        category=Category.policy,
        concerns=(INTERESTED,),
        title=Words("Misura adottata: {{ measure }}", "Measure adopted: {{ measure }}"),
        body=Words("È adottata la misura «{{ measure }}».", "The measure “{{ measure }}” is adopted."),
    ),
    policy.MeasureDropped: Notice(
        category=Category.policy,
        concerns=(authors_named,),
        title=Words("Misura abbandonata: {{ measure }}", "Measure dropped: {{ measure }}"),
        body=Words(
            "La misura «{{ measure }}» non si farà.\nMotivo: {{ reason }}",
            "The measure “{{ measure }}” will not be carried out.\nReason: {{ reason }}",
        ),
    ),
}

SILENT: dict[type, Silence] = {
    policy.NeedRevised: Silence("its authors know; nothing is decided by it"),
    policy.NeedWidened: Silence("the authors of the other need are told of the merger"),
    policy.NeedEndorsed: Silence("the count shows it"),
    policy.NeedEndorsementWithdrawn: Silence("the count shows it"),
    policy.MeasureDrafted: Silence("it is not public yet"),
    policy.MeasureRevised: Silence("the consultation asks for opinions when there is something to say"),
    policy.MeasureImplemented: Silence(
        "the authors of its needs are told by the step of the answer, others by the call"
    ),
    policy.MeasureConcluded: Silence("the authors of its needs are told by the step of the answer"),
    policy.MeasureEvaluated: Silence("the authors of its needs are told by the step of the answer"),
}
