"""The words the developer portal puts around an API's description, a table for each language.

A new language is one more table. Where the portal glues a label to its value (`Default10`), the label is
what comes before the value. Upper and lower case make no difference.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus


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
    Labels(
        language="French",
        path_parameters="Trajectoire Paramètres",
        query_parameters="Demande de renseignements Paramètres",
        responses="Réponses",
        example_request="Exemple Demande",
        example_response="Exemple Réponse",
        content_type="Type de contenu",
        required="Exigée",
        default="Défaut",
        example="exemple",
        one_of="Il doit s'agir de l'un d'entre eux :",
    ),
    Labels(
        language="English",
        path_parameters="Path Parameters",
        query_parameters="Query Parameters",
        responses="Responses",
        example_request="Example Request",
        example_response="Example Response",
        content_type="Content Type",
        required="Required",
        default="Default",
        example="example",
        one_of="Must be one of:",
    ),
    Labels(
        language="German",
        path_parameters="Pfad Parameter",
        query_parameters="Abfrage Parameter",
        responses="Antworten",
        example_request="Beispiel Anfrage",
        example_response="Beispiel Antwort",
        content_type="Inhalt Typ",
        required="Erforderlich",
        default="Standard",
        example="Beispiel",
        one_of="Muss eines der folgenden sein:",
    ),
)

_STATUSES = {status.phrase.casefold(): str(status.value) for status in HTTPStatus}
_NUMBERED = re.compile(r"([1-5]\d\d)(\W+[A-Z].*)?")


def status_of(text: str) -> str | None:
    """The status a line stands for: `404`, `404 Not Found`, or, in every language, `Not Found`."""
    numbered = _NUMBERED.fullmatch(text)
    return numbered[1] if numbered else _STATUSES.get(text.casefold())
