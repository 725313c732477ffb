"""The words the developer portal puts around an API's description, a row for each language.

A new language is one more row. Where the portal glues a label to its value (`Default10`), the label is what
comes before the value. Upper and lower case make no difference.
"""

import re
from http import HTTPStatus
from typing import NamedTuple


class Labels(NamedTuple):
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
HEADINGS = Labels._fields[1:6]
_PATTERNS = {
    kind: re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    for kind, *words in zip(Labels._fields, *LANGUAGES, strict=True)
}
_KINDS: dict[str, set[str]] = {}
for _language in LANGUAGES:
    for _kind, _word in zip(Labels._fields[1:], _language[1:], strict=True):
        _KINDS.setdefault(_word.casefold(), set()).add(_kind)
_STATUSES = {status.phrase.casefold(): str(status.value) for status in HTTPStatus}
_NUMBERED = re.compile(r"([1-5]\d\d)(\W+[A-Z].*)?")


def after(kind: str, text: str) -> str | None:
    """What follows a label of that kind in the text, in any language; None if it begins with none."""
    label = _PATTERNS[kind].match(text)
    return text[label.end() :].strip() if label else None


def is_label(text: str, *kinds: str) -> bool:
    """Whether the text is a label, of one of these kinds if any are given, and nothing else."""
    found = _KINDS.get(text.casefold())
    return found is not None and (not kinds or not found.isdisjoint(kinds))


def status_of(text: str) -> str | None:
    """The status a line stands for: `404`, `404 Not Found`, or, in every language, `Not Found`."""
    numbered = _NUMBERED.fullmatch(text)
    return numbered[1] if numbered else _STATUSES.get(text.casefold())
