"""Single mutations of openapi.yaml, each with what drift detection must make of it.

Read a row as: if upstream were openapi.yaml with this edit, these operations have changed in this way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scripts.drift.compare.severity import Severity
from scripts.spec import METHODS

N, A, B = Severity.NOTICE, Severity.ADDITIVE, Severity.BREAKING

LISTS = ("list_company_recordings", "list_company_transcriptions", "list_on_demand_recordings")
RECORDING_LISTS = ("list_company_recordings", "list_on_demand_recordings")
RECORDINGS = ("get_company_recording", "get_on_demand_recording")
EXPORTS = (
    "create_company_recording_export",
    "create_company_recording_transcription_export",
    "create_on_demand_recording_export",
)
JOB_LISTS = ("list_export_jobs", "list_recording_transcription_export_jobs")
JOBS = ("get_export_job", "get_recording_transcription_export_job")
PAGES = (*LISTS, *JOB_LISTS)
API = ""

Edit = Callable[[Any], None]


@dataclass(frozen=True)
class Mutation:
    """Attributes:
    expected: For each kind of change the operationIds it must be reported on (API: the API as a whole).
    left: Whether `adopt` leaves an addition in it to a person.
    """

    name: str
    edit: Edit
    severity: Severity
    expected: dict[str, tuple[str, ...]]
    left: bool = False


def at(tree: Any, *steps: Any) -> Any:
    for step in steps:
        tree = tree[step]
    return tree


def put(*steps: Any, value: Any) -> Edit:
    """Sets the entry the steps lead to."""

    def edit(tree: Any) -> None:
        at(tree, *steps[:-1])[steps[-1]] = value

    return edit


def cut(*steps: Any) -> Edit:
    """Deletes the entry the steps lead to."""

    def edit(tree: Any) -> None:
        del at(tree, *steps[:-1])[steps[-1]]

    return edit


def rename(*steps: Any, to: str) -> Edit:
    """Renames the key the steps lead to, where it stands."""

    def edit(tree: Any) -> None:
        holder = at(tree, *steps[:-1])
        entries = [(to if key == steps[-1] else key, value) for key, value in holder.items()]
        holder.clear()
        holder.update(entries)

    return edit


def append(*steps: Any, value: Any) -> Edit:
    def edit(tree: Any) -> None:
        at(tree, *steps).append(value)

    return edit


def take(*steps: Any, value: Any) -> Edit:
    """Takes a value out of the list the steps lead to."""

    def edit(tree: Any) -> None:
        at(tree, *steps).remove(value)

    return edit


def operation(tree: Any, name: str) -> Any:
    return next(
        item[method]
        for item in tree["paths"].values()
        for method in METHODS
        if item.get(method, {}).get("operationId") == name
    )


def on(name: str, edit: Edit) -> Edit:
    """The edit, its steps beginning at the operation."""
    return lambda tree: edit(operation(tree, name))


def refer(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def use_instead(old: str, new: str, parameters: Any) -> None:
    parameters[parameters.index(refer("parameters", old))] = refer("parameters", new)


SCHEMAS = ("components", "schemas")
PARAMETERS = ("components", "parameters")
RECORDING = (*SCHEMAS, "Recording", "properties")
COMPANY = "/api/accounts/{account_id}/company_call_recordings"
ITEM = "_embedded.recordings[]"

MUTATIONS = [
    # Operations
    Mutation(
        "an operation is gone",
        cut("paths", f"{COMPANY}/transcriptions"),
        B,
        {"operation: removed": ("list_company_transcriptions",)},
    ),
    Mutation(
        "one of two operations on a path is gone",
        cut("paths", f"{COMPANY}/{{recording_id}}", "delete"),
        B,
        {"operation: removed": ("delete_company_recording",)},
    ),
    Mutation(
        "a new operation on a known path",
        put(
            "paths",
            f"{COMPANY}/{{recording_id}}",
            "put",
            value={
                "operationId": "replace_company_recording",
                "tags": ["company recordings"],
                "requestBody": refer("requestBodies", "ExportFilter"),
                "responses": {"200": refer("responses", "Recording")},
            },
        ),
        A,
        {"operation: added": (f"PUT {COMPANY}/{{recording_id}}",)},
    ),
    Mutation(
        "a new operation on a new path",
        put(
            "paths",
            "/api/accounts/{account_id}/imagined_rules",
            value={
                "parameters": [refer("parameters", "AccountId")],
                "get": {
                    "operationId": "list_imagined_rules",
                    "tags": ["company recordings"],
                    "parameters": [{"name": "office", "in": "query", "schema": {"type": "string"}}],
                    "responses": {
                        "200": {
                            "description": "OK",
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "object",
                                        "properties": {
                                            "rules": {"type": "array", "items": {"type": "integer"}},
                                            "_links": refer("schemas", "PageLinks"),
                                        },
                                    }
                                }
                            },
                        }
                    },
                },
            },
        ),
        A,
        {"operation: added": ("GET /api/accounts/{account_id}/imagined_rules",)},
    ),
    Mutation(
        "a path is renamed",
        rename("paths", f"{COMPANY}/transcriptions", to=f"{COMPANY}/transcripts"),
        B,
        {
            "operation: removed": ("list_company_transcriptions",),
            "operation: added": (f"GET {COMPANY}/transcripts",),
        },
        left=True,
    ),
    Mutation(
        "an operationId changes",
        on("list_export_jobs", put("operationId", value="list_jobs")),
        B,
        {"operation: operationId list_export_jobs -> list_jobs": ("list_export_jobs",)},
    ),
    Mutation(
        "an operation is deprecated",
        on("list_export_jobs", put("deprecated", value=True)),
        N,
        {"operation: deprecated no -> yes": ("list_export_jobs",)},
    ),
    Mutation(
        "an operation's tag changes",
        on("list_export_jobs", put("tags", value=["jobs"])),
        N,
        {"operation: tags export jobs -> jobs": ("list_export_jobs",)},
    ),
    # Servers and security
    Mutation(
        "the server changes",
        put("servers", 0, "url", value="https://api.example.com/recording"),
        B,
        {
            "server https://api.vonage.com/t/vbc.prod/call_recording: removed": (API,),
            "server https://api.example.com/recording: added": (API,),
        },
    ),
    Mutation(
        "a server is added",
        append("servers", value={"url": "https://eu.example.com"}),
        A,
        {"server https://eu.example.com: added": (API,)},
    ),
    Mutation(
        "one operation is on a server of its own",
        on("get_export_job", put("servers", value=[{"url": "https://jobs.example.com/"}])),
        B,
        {"server https://jobs.example.com: added": ("get_export_job",)},
    ),
    Mutation(
        "one operation needs an API key",
        lambda tree: (
            put(
                "components",
                "securitySchemes",
                "key",
                value={"type": "apiKey", "in": "header", "name": "X-Key"},
            )(tree),
            on("get_export_job", put("security", value=[{"key": []}]))(tree),
        )[0],
        B,
        {"operation: security http bearer -> apiKey header X-Key": ("get_export_job",)},
    ),
    Mutation(
        "one operation needs no authorisation",
        on("get_export_job", put("security", value=[])),
        B,
        {"operation: security http bearer -> none": ("get_export_job",)},
    ),
    # Parameters
    Mutation(
        "a filter is gone from one operation",
        on("list_company_recordings", take("parameters", value=refer("parameters", "Cnam"))),
        B,
        {"query cnam: parameter removed": ("list_company_recordings",)},
    ),
    Mutation(
        "a filter is renamed everywhere",
        put(*PARAMETERS, "Extension", "name", value="extension_number"),
        B,
        {"query extension: parameter removed": LISTS, "query extension_number: parameter added": LISTS},
    ),
    Mutation(
        "a new optional filter",
        on(
            "list_export_jobs",
            append(
                "parameters",
                value={"name": "since", "in": "query", "schema": {"type": "string", "format": "date"}},
            ),
        ),
        A,
        {"query since: parameter added": ("list_export_jobs",)},
    ),
    Mutation(
        "a known filter on one more operation",
        on("list_export_jobs", append("parameters", value=refer("parameters", "PageSize"))),
        A,
        {"query page_size: parameter added": ("list_export_jobs",)},
    ),
    Mutation(
        "a first parameter where there were none",
        on("get_export_job", put("parameters", value=[refer("parameters", "Status")])),
        A,
        {"query status: parameter added": ("get_export_job",)},
    ),
    Mutation(
        "a new parameter that is required",
        on(
            "list_export_jobs",
            append(
                "parameters",
                value={"name": "office", "in": "query", "required": True, "schema": {"type": "string"}},
            ),
        ),
        B,
        {"query office: parameter added": ("list_export_jobs",)},
    ),
    Mutation(
        "a filter becomes required",
        put(*PARAMETERS, "Status", "required", value=True),
        B,
        {"query status: required no -> yes": JOB_LISTS},
    ),
    Mutation(
        "a filter's type changes",
        put(*PARAMETERS, "TranscriptionReady", "schema", "type", value="string"),
        B,
        {"query transcription_ready: type boolean -> string": ("list_company_transcriptions",)},
    ),
    Mutation(
        "a filter gets a format",
        put(*PARAMETERS, "Status", "schema", "format", value="uuid"),
        B,
        {"query status: format no -> uuid": JOB_LISTS},
    ),
    Mutation(
        "a default changes",
        put(*PARAMETERS, "PageSize", "schema", "default", value=20),
        N,
        {"query page_size: default 10 -> 20": LISTS},
    ),
    Mutation(
        "a default is gone",
        cut(*PARAMETERS, "Order", "schema", "default"),
        N,
        {'query order: default "start:DESC" -> no': LISTS},
    ),
    Mutation(
        "a parameter is deprecated",
        put(*PARAMETERS, "Order", "deprecated", value=True),
        N,
        {"query order: deprecated no -> yes": LISTS},
    ),
    Mutation(
        "page_size gets a maximum",
        put(*PARAMETERS, "PageSize", "schema", "maximum", value=50),
        B,
        {"query page_size: maximum no -> 50": LISTS},
    ),
    Mutation(
        "a parameter is written differently",
        put(*PARAMETERS, "Status", "style", value="pipeDelimited"),
        B,
        {"query status: style no -> pipeDelimited, not exploded": JOB_LISTS},
    ),
    Mutation(
        "an enumeration loses a value",
        take(*SCHEMAS, "CallDirection", "enum", value="INTRA_PBX"),
        B,
        {
            "query call_direction INTRA_PBX: enum value removed": LISTS,
            "body call_direction INTRA_PBX: enum value removed": EXPORTS,
        },
    ),
    Mutation(
        "an enumeration gets a value",
        append(*SCHEMAS, "CallDirection", "enum", value="CONFERENCE"),
        A,
        {
            "query call_direction CONFERENCE: enum value added": LISTS,
            "body call_direction CONFERENCE: enum value added": EXPORTS,
        },
    ),
    Mutation(
        "an enumeration becomes free text",
        cut(*SCHEMAS, "CallDirection", "enum"),
        B,
        {"query call_direction: enum removed": LISTS, "body call_direction: enum removed": EXPORTS},
    ),
    Mutation(
        "free text becomes an enumeration",
        put(*PARAMETERS, "Status", "schema", "enum", value=["complete", "failed"]),
        B,
        {"query status: enum added": JOB_LISTS},
    ),
    Mutation(
        "one operation has a default of its own",
        on(
            "list_company_recordings",
            lambda node: put(
                "parameters",
                node["parameters"].index(refer("parameters", "Page")),
                value={"name": "page", "in": "query", "schema": {"type": "integer", "default": 0}},
            )(node),
        ),
        N,
        {"query page: default 1 -> 0": ("list_company_recordings",)},
    ),
    Mutation(
        "a path parameter is renamed",
        lambda tree: (
            rename("paths", f"{COMPANY}/{{recording_id}}", to=f"{COMPANY}/{{id}}")(tree),
            at(tree, "paths", f"{COMPANY}/{{id}}", "parameters").__setitem__(
                1, {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            ),
        )[0],
        N,
        {"path recording_id: name recording_id -> id": ("get_company_recording", "delete_company_recording")},
    ),
    # Request bodies
    Mutation(
        "a request body is gone",
        on("create_on_demand_recording_export", cut("requestBody")),
        B,
        {"body: body removed": ("create_on_demand_recording_export",)},
    ),
    Mutation(
        "an optional request body where there was none",
        on(
            "get_export_job",
            put("requestBody", value={"content": {"application/json": {"schema": {"type": "object"}}}}),
        ),
        A,
        {"body: body added": ("get_export_job",)},
    ),
    Mutation(
        "a required request body where there was none",
        on("list_export_jobs", put("requestBody", value=refer("requestBodies", "ExportFilter"))),
        B,
        {"body: body added": ("list_export_jobs",)},
    ),
    Mutation(
        "the request body has another media type",
        rename(
            "components",
            "requestBodies",
            "ExportFilter",
            "content",
            "application/json",
            to="application/hal+json",
        ),
        B,
        {
            "body application/json: media type removed": EXPORTS,
            "body application/hal+json: media type added": EXPORTS,
        },
    ),
    Mutation(
        "a new property of the request body",
        put(*SCHEMAS, "ExportFilter", "properties", "office", value={"type": "string"}),
        A,
        {"body office: property added": EXPORTS},
    ),
    Mutation(
        "a property of the request body is gone",
        cut(*SCHEMAS, "ExportFilter", "properties", "dnis"),
        B,
        {"body dnis: property removed": EXPORTS},
    ),
    Mutation(
        "a property of the request body becomes required",
        put(*SCHEMAS, "ExportFilter", "required", value=["start:gte"]),
        B,
        {"body start:gte: required no -> yes": EXPORTS},
    ),
    Mutation(
        "a new property that has to be sent",
        lambda tree: (
            put(*SCHEMAS, "ExportFilter", "properties", "office", value={"type": "string"})(tree),
            put(*SCHEMAS, "ExportFilter", "required", value=["office"])(tree),
        )[0],
        B,
        {"body office: property added": EXPORTS},
    ),
    # Responses
    Mutation(
        "a field is gone",
        cut(*RECORDING, "cnam"),
        B,
        {
            f"response 200 {ITEM}.cnam: property removed": RECORDING_LISTS,
            "response 200 cnam: property removed": RECORDINGS,
        },
    ),
    Mutation(
        "the last field is gone",
        cut(*RECORDING, "start"),
        B,
        {
            f"response 200 {ITEM}.start: property removed": RECORDING_LISTS,
            "response 200 start: property removed": RECORDINGS,
        },
    ),
    Mutation(
        "a new field",
        put(*RECORDING, "rating", value={"type": "number", "nullable": True}),
        A,
        {
            f"response 200 {ITEM}.rating: property added": RECORDING_LISTS,
            "response 200 rating: property added": RECORDINGS,
        },
    ),
    Mutation(
        "a new field that is an object",
        put(
            *SCHEMAS,
            "ExportJob",
            "properties",
            "owner",
            value={
                "type": "object",
                "properties": {"id": {"type": "string"}, "link": refer("schemas", "Link")},
            },
        ),
        A,
        {
            "response 200 _embedded.jobs[].owner: property added": JOB_LISTS,
            "response 200 owner: property added": JOBS,
        },
    ),
    Mutation(
        "a field is renamed",
        rename(*SCHEMAS, "ExportJob", "properties", "valid_until", to="expires"),
        B,
        {
            "response 200 _embedded.jobs[].valid_until: property removed": JOB_LISTS,
            "response 200 valid_until: property removed": JOBS,
            "response 200 _embedded.jobs[].expires: property added": JOB_LISTS,
            "response 200 expires: property added": JOBS,
        },
    ),
    Mutation(
        "a field's type changes",
        put(*RECORDING, "id", "type", value="string"),
        B,
        {
            f"response 200 {ITEM}.id: type integer -> string": RECORDING_LISTS,
            "response 200 id: type integer -> string": RECORDINGS,
        },
    ),
    Mutation(
        "a field's format changes",
        put(*RECORDING, "end", "format", value="date"),
        B,
        {
            f"response 200 {ITEM}.end: format instant -> date": RECORDING_LISTS,
            "response 200 end: format instant -> date": RECORDINGS,
        },
    ),
    Mutation(
        "a field's format is gone",
        cut(*SCHEMAS, "Transcription", "properties", "call_date", "format"),
        B,
        {
            "response 200 _embedded.transcriptions[].call_date: format instant -> no": (
                "list_company_transcriptions",
            )
        },
    ),
    Mutation(
        "a field becomes nullable",
        put(*RECORDING, "cnam", "nullable", value=True),
        B,
        {
            f"response 200 {ITEM}.cnam: nullable no -> yes": RECORDING_LISTS,
            "response 200 cnam: nullable no -> yes": RECORDINGS,
        },
    ),
    Mutation(
        "a list holds another type",
        put(*RECORDING, "rule_ids", "items", "type", value="string"),
        B,
        {
            f"response 200 {ITEM}.rule_ids[]: type integer -> string": RECORDING_LISTS,
            "response 200 rule_ids[]: type integer -> string": RECORDINGS,
        },
    ),
    Mutation(
        "a list of two types comes to hold a third",
        lambda tree: at(tree, *RECORDING, "extensions", "items").update({"oneOf": [{"type": "boolean"}]}),
        B,
        {
            f"response 200 {ITEM}.extensions[]: type integer | string -> boolean": RECORDING_LISTS,
            "response 200 extensions[]: type integer | string -> boolean": RECORDINGS,
        },
    ),
    Mutation(
        "a list becomes a single value",
        lambda tree: at(tree, *RECORDING).update({"rule_ids": {"type": "integer"}}),
        B,
        {
            f"response 200 {ITEM}.rule_ids: type array -> integer": RECORDING_LISTS,
            "response 200 rule_ids: type array -> integer": RECORDINGS,
            f"response 200 {ITEM}.rule_ids[]: type integer -> no": RECORDING_LISTS,
            "response 200 rule_ids[]: type integer -> no": RECORDINGS,
        },
    ),
    Mutation(
        "a single value becomes a list",
        lambda tree: at(tree, *RECORDING).update({"cnam": {"type": "array", "items": {"type": "string"}}}),
        B,
        {
            f"response 200 {ITEM}.cnam: type string -> array": RECORDING_LISTS,
            "response 200 cnam: type string -> array": RECORDINGS,
            f"response 200 {ITEM}.cnam[]: type no -> string": RECORDING_LISTS,
            "response 200 cnam[]: type no -> string": RECORDINGS,
        },
    ),
    Mutation(
        "a new field in the answer to an export",
        put(*SCHEMAS, "ExportJobIds", "properties", "files", value={"type": "integer"}),
        A,
        {"response 201 files: property added": EXPORTS, "response 202 files: property added": EXPORTS},
    ),
    Mutation(
        "a field of a link, shared by all pages, is gone",
        cut(*SCHEMAS, "PageLinks", "properties", "last"),
        B,
        {"response 200 _links.last: property removed": PAGES},
    ),
    Mutation(
        "a field is always there",
        put(*SCHEMAS, "ExportJob", "required", value=["id"]),
        B,
        {
            "response 200 _embedded.jobs[].id: required no -> yes": JOB_LISTS,
            "response 200 id: required no -> yes": JOBS,
        },
    ),
    Mutation(
        "a success status changes",
        on("get_export_job", rename("responses", "200", to="202")),
        B,
        {
            "response 200: success status removed": ("get_export_job",),
            "response 202: success status added": ("get_export_job",),
        },
    ),
    Mutation(
        "a success status is gone",
        on("create_company_recording_export", cut("responses", "201")),
        B,
        {"response 201: success status removed": ("create_company_recording_export",)},
    ),
    Mutation(
        "an error is documented",
        on("get_export_job", put("responses", "404", value={"description": "Not Found"})),
        N,
        {"response 404: documented error added": ("get_export_job",)},
    ),
    Mutation(
        "a response has another media type",
        rename(
            "components", "responses", "Recording", "content", "application/json", to="application/hal+json"
        ),
        B,
        {
            "response 200 application/json: media type removed": RECORDINGS,
            "response 200 application/hal+json: media type added": RECORDINGS,
        },
    ),
    Mutation(
        "a response in one more media type",
        put(
            "components",
            "responses",
            "Recording",
            "content",
            "text/csv",
            value={"schema": {"type": "string"}},
        ),
        A,
        {"response 200 text/csv: media type added": RECORDINGS},
    ),
]

SILENT: list[tuple[str, Edit]] = [
    (
        "a media type is spelt in other letters",
        rename("components", "responses", "Recording", "content", "application/json", to="Application/JSON"),
    ),
    ("descriptions change", put(*RECORDING, "cnam", "description", value="Somebody")),
    ("examples change", put(*RECORDING, "cnam", "example", value="JANE SMITH")),
    ("the version changes", put("info", "version", value="2")),
    ("keys are in another order", lambda tree: at(tree, *RECORDING).move_to_end("_links")),
    ("summaries change", on("list_export_jobs", put("summary", value="Jobs"))),
    ("limits are spelled with a vendor's extension", put(*RECORDING, "cnam", "x-limit", value=3)),
    (
        "a component is renamed",
        lambda tree: (
            rename(*PARAMETERS, "Order", to="SortOrder")(tree),
            [use_instead("Order", "SortOrder", operation(tree, name)["parameters"]) for name in LISTS],
        )[0],
    ),
]
