"""The hub's closed lists, each with its version and its Italian and English labels.

A list is an enum whose members carry their code as value; `label(member)` is what people read. Codes are stable: a
list may gain members, and a new list gets a new version name. Sources: the hub's own documents; the Region's
`rer.bandi` vocabularies for types of call, recipients and topics.
"""

from __future__ import annotations

from enum import Enum

from shared.errors import Words

SUBSECTOR_LIST = "er-2023"


class Subsector(str, Enum):
    """The subsectors of the cultural and creative industries, list `er-2023`."""

    music = "music"
    audiovisual = "audiovisual"
    fashion = "fashion"
    architecture_design = "architecture_design"
    visual_arts = "visual_arts"
    performing_arts = "performing_arts"
    heritage = "heritage"
    crafts = "crafts"
    publishing = "publishing"
    interdisciplinary = "interdisciplinary"


class OrganisationKind(str, Enum):
    promoter = "promoter"
    department = "department"
    support_body = "support_body"
    cluster = "cluster"
    spoke = "spoke"
    affiliate = "affiliate"
    laboratory = "laboratory"


class PersonRole(str, Enum):
    """What a person may do in an organisation; each role includes those after it."""

    administrator = "administrator"
    editor = "editor"
    reader = "reader"


class Province(str, Enum):
    """The nine provinces of the Region by their car plates, and outside."""

    BO = "BO"
    FC = "FC"
    FE = "FE"
    MO = "MO"
    PC = "PC"
    PR = "PR"
    RA = "RA"
    RE = "RE"
    RN = "RN"
    outside = "outside"


class CallType(str, Enum):
    """The Region's types of call (`tipologia_bando`)."""

    funding = "funding"
    accreditation = "accreditation"
    authorisation = "authorisation"
    expression_of_interest = "expression_of_interest"


class Recipient(str, Enum):
    """The Region's kinds of recipient (`destinatari`)."""

    citizens = "citizens"
    credit_guarantee_consortia = "credit_guarantee_consortia"
    cooperatives = "cooperatives"
    third_sector = "third_sector"
    research_bodies = "research_bodies"
    public_bodies = "public_bodies"
    large_enterprises = "large_enterprises"
    professionals = "professionals"
    micro_enterprises = "micro_enterprises"
    public_private_partnerships = "public_private_partnerships"
    small_medium_enterprises = "small_medium_enterprises"
    schools_universities_training = "schools_universities_training"
    accredited_bodies = "accredited_bodies"


class Topic(str, Enum):
    """The Region's topics (`materie`)."""

    agriculture = "agriculture"
    environment = "environment"
    property = "property"
    culture = "culture"
    rights_social = "rights_social"
    construction_regeneration = "construction_regeneration"
    energy = "energy"
    foreign_relations = "foreign_relations"
    wildlife_hunting_fishing = "wildlife_hunting_fishing"
    enterprise_trade = "enterprise_trade"
    innovation_ict = "innovation_ict"
    education_training = "education_training"
    labour = "labour"
    mobility_transport = "mobility_transport"
    research = "research"
    institutional_reform = "institutional_reform"
    sport = "sport"


_LABELS: dict[type[Enum], dict[str, tuple[str, str]]] = {
    Subsector: {
        "music": ("Musica", "Music"),
        "audiovisual": ("Audiovisivo, radio, videogiochi e software", "Audiovisual, radio, games and software"),
        "fashion": ("Moda", "Fashion"),
        "architecture_design": ("Architettura e design", "Architecture and design"),
        "visual_arts": ("Arti visive", "Visual arts"),
        "performing_arts": ("Spettacolo dal vivo e festival", "Performing arts and festivals"),
        "heritage": ("Patrimonio culturale", "Cultural heritage"),
        "crafts": ("Artigianato artistico", "Artistic crafts"),
        "publishing": ("Editoria", "Publishing"),
        "interdisciplinary": ("Interdisciplinare", "Interdisciplinary"),
    },
    OrganisationKind: {
        "promoter": ("Promotore", "Promoter"),
        "department": ("Direzione regionale", "Regional department"),
        "support_body": ("Ente di supporto", "Support body"),
        "cluster": ("Clust-ER", "Clust-ER"),
        "spoke": ("Spoke", "Spoke"),
        "affiliate": ("Affiliato", "Affiliate"),
        "laboratory": ("Laboratorio di ricerca", "Research laboratory"),
    },
    PersonRole: {
        "administrator": ("Amministratore", "Administrator"),
        "editor": ("Redattore", "Editor"),
        "reader": ("Lettore", "Reader"),
    },
    Province: {
        "BO": ("Bologna", "Bologna"),
        "FC": ("Forlì-Cesena", "Forlì-Cesena"),
        "FE": ("Ferrara", "Ferrara"),
        "MO": ("Modena", "Modena"),
        "PC": ("Piacenza", "Piacenza"),
        "PR": ("Parma", "Parma"),
        "RA": ("Ravenna", "Ravenna"),
        "RE": ("Reggio Emilia", "Reggio Emilia"),
        "RN": ("Rimini", "Rimini"),
        "outside": ("Fuori regione", "Outside the region"),
    },
    CallType: {
        "funding": ("Agevolazioni, finanziamenti, contributi", "Incentives, funding, grants"),
        "accreditation": ("Accreditamenti, albi, elenchi", "Accreditations, registers, lists"),
        "authorisation": ("Autorizzazioni di attività", "Authorisations of activities"),
        "expression_of_interest": ("Manifestazioni di interesse", "Expressions of interest"),
    },
    Recipient: {
        "citizens": ("Cittadini", "Citizens"),
        "credit_guarantee_consortia": ("Confidi", "Credit guarantee consortia"),
        "cooperatives": ("Cooperative", "Cooperatives"),
        "third_sector": ("Enti del Terzo settore", "Third sector bodies"),
        "research_bodies": ("Enti e laboratori di ricerca", "Research bodies and laboratories"),
        "public_bodies": ("Enti pubblici", "Public bodies"),
        "large_enterprises": ("Grandi imprese", "Large enterprises"),
        "professionals": ("Liberi professionisti", "Self-employed professionals"),
        "micro_enterprises": ("Micro imprese", "Micro enterprises"),
        "public_private_partnerships": ("Partenariato pubblico/privato", "Public-private partnerships"),
        "small_medium_enterprises": ("PMI", "Small and medium enterprises"),
        "schools_universities_training": (
            "Scuole, università, enti di formazione",
            "Schools, universities, training bodies",
        ),
        "accredited_bodies": ("Soggetti accreditati", "Accredited bodies"),
    },
    Topic: {
        "agriculture": ("Agricoltura e sviluppo delle aree rurali", "Agriculture and rural development"),
        "environment": ("Ambiente", "Environment"),
        "property": ("Beni immobili e mobili", "Real and movable property"),
        "culture": ("Cultura", "Culture"),
        "rights_social": ("Diritti e sociale", "Rights and social affairs"),
        "construction_regeneration": (
            "Edilizia e rigenerazione urbana",
            "Construction and urban regeneration",
        ),
        "energy": ("Energia", "Energy"),
        "foreign_relations": ("Estero", "Foreign relations"),
        "wildlife_hunting_fishing": ("Fauna, caccia, pesca", "Wildlife, hunting, fishing"),
        "enterprise_trade": ("Imprese e commercio", "Enterprise and trade"),
        "innovation_ict": ("Innovazione e ICT", "Innovation and ICT"),
        "education_training": ("Istruzione e formazione", "Education and training"),
        "labour": ("Lavoro", "Labour"),
        "mobility_transport": ("Mobilità e trasporti", "Mobility and transport"),
        "research": ("Ricerca", "Research"),
        "institutional_reform": ("Riordino istituzionale", "Institutional reform"),
        "sport": ("Sport", "Sport"),
    },
}


def label(member: Enum) -> Words:
    """What people read for a member of one of these lists, in Italian and English."""
    return Words(*_LABELS[type(member)][member.value])


def labels(vocabulary: type[Enum]) -> dict[str, Words]:
    """The whole list: code → labels."""
    return {member.value: label(member) for member in vocabulary}


LISTS: dict[str, type[Enum]] = {
    "subsectors": Subsector,
    "organisation-kinds": OrganisationKind,
    "person-roles": PersonRole,
    "provinces": Province,
    "call-types": CallType,
    "recipients": Recipient,
    "topics": Topic,
}
"""Every closed list by the name under which the gateway shows it."""
