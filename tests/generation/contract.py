"""openapi.yaml as plain facts, one a line: what a change of it promises, or no longer promises.

After a change on purpose, write tests/generation/contract.txt anew and read its diff:

    python -m tests.generation.contract
"""

from pathlib import Path

from scripts.drift.facts import EXISTS, Fact, describe, kind_of
from scripts.drift.sources.document import read_document
from scripts.spec import parse

SPEC = Path(__file__).resolve().parents[2] / "openapi.yaml"
GOLDEN = Path(__file__).with_name("contract.txt")


def contract(spec: str) -> list[str]:
    """All facts of an OpenAPI document, sorted, with references resolved and operations under their ids."""
    values = read_document(parse(spec)).values
    # That something is of a type says that it is there.
    told = {place for place, aspect in values if aspect != EXISTS}
    lines: list[str] = []
    for fact, value in values.items():
        if fact.aspect == EXISTS and fact.place in told:
            continue
        operation = fact.place[0]
        name = values.get(Fact((operation,), "operationId"), operation or "API")
        said = operation if fact.aspect == "operationId" else statement(fact, value)
        lines.append(" ".join(filter(None, [str(name), describe(fact.place), "|", said])))
    return sorted(lines)


def statement(fact: Fact, value: str | bool) -> str:
    if fact.aspect == EXISTS:
        return kind_of(fact.place)
    return fact.aspect if value is True else f"{fact.aspect} = {value}"


if __name__ == "__main__":
    GOLDEN.write_text("\n".join([*contract(SPEC.read_text("utf-8")), ""]), "utf-8")
