"""The words the developer portal puts around an API's description, a table for each language.

A new language is one more table. Where the portal glues a label to its value (`Default10`), the label is
what comes before the value. Upper and lower case make no difference.
"""

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from http import HTTPStatus

from scripts.spec import NotUnderstood


@dataclass(frozen=True)
class Labels:
    """One language's words.

    Attributes:
        path_parameters, query_parameters, responses, example_request, example_response: Headings of sections.
        content_type: Stands before the media type; before `responses` it opens the request body.
        required: A line of its own.
        default, example, one_of: Come before a value, or before the values glued together.
    """

    language: str
    path_parameters: str
    query_parameters: str
    responses: str
    example_request: str
    example_response: str
    content_type: str
    required: str
    default: str
    example: str
    one_of: str


LANGUAGES = (
    Labels("French", "Trajectoire Paramètres", "Demande de renseignements Paramètres", "Réponses",
           "Exemple Demande", "Exemple Réponse", "Type de contenu", "Exigée", "Défaut", "exemple",
           "Il doit s'agir de l'un d'entre eux :"),
    Labels("English", "Path Parameters", "Query Parameters", "Responses",
           "Example Request", "Example Response", "Content Type", "Required", "Default", "example",
           "Must be one of:"),
    Labels("German", "Pfad Parameter", "Abfrage Parameter", "Antworten",
           "Beispiel Anfrage", "Beispiel Antwort", "Inhalt Typ", "Erforderlich", "Standard", "Beispiel",
           "Muss eines der folgenden sein:"),
)  # fmt: skip
WORDS = frozenset(word.casefold() for labels in LANGUAGES for word in list(asdict(labels).values())[1:])
REQUIRED = frozenset(labels.required.casefold() for labels in LANGUAGES)
VALUED = frozenset(word.casefold() for labels in LANGUAGES for word in (labels.default, labels.example))
ONE_OF = frozenset(labels.one_of.casefold() for labels in LANGUAGES)

_STATUSES = {status.phrase.casefold(): str(status.value) for status in HTTPStatus}
_NUMBERED = re.compile(r"([1-5]\d\d)(\W+[A-Z].*)?")


def language_of(texts: Collection[str]) -> Labels:
    """The language whose headings are among the lines. Raises NotUnderstood if there is none."""

    def known(labels: Labels) -> int:
        headings = (labels.path_parameters, labels.query_parameters, labels.responses)
        return sum(heading.casefold() in texts for heading in headings)

    best = max(LANGUAGES, key=known)
    if not known(best):
        languages = ", ".join(labels.language for labels in LANGUAGES)
        raise NotUnderstood(f"neither an OpenAPI document nor the docs page in {languages}", 1)
    return best


def status_of(text: str) -> str | None:
    """The status a line stands for: `404`, `404 Not Found`, or, in every language, `Not Found`."""
    numbered = _NUMBERED.fullmatch(text)
    return numbered[1] if numbered else _STATUSES.get(text.casefold())
