"""Inserting into a parsed YAML document without losing blank lines and comments.

ruamel.yaml keeps what follows an entry on the entry's last leaf: a blank line and a comment about the next
entry therefore hang on the previous one, and have to be moved when there is a new one between.
"""

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import CommentToken


def insert(holder: Any, key: Any, value: Any, after: Any = None) -> None:
    """Puts an entry after the one with that key or index; first if that is None.

    In a list, `key` is not used.
    """
    separator = _separator(holder)
    following = _take_after(holder, after) if after is not None else None
    if isinstance(holder, list):
        key = 0 if after is None else after + 1
        holder.insert(key, value)
    else:
        holder.insert(0 if after is None else list(holder).index(after) + 1, key, value)
    if after is not None and separator:
        _put_after(holder, after, separator)
    _put_after(holder, key, following or (separator if after is None else None))


def _separator(holder: Any) -> str | None:
    """The blank line these entries have between them, if they do."""
    keys = range(len(holder)) if isinstance(holder, list) else list(holder)
    texts = [_after(holder, key) for key in keys[:-1]]
    return next((text for text in texts if text and not text.strip()), None)


def _last_leaf(holder: Any, key: Any) -> tuple[Any, Any, int]:
    """The innermost entry that ends where this one ends, and the slot for what follows it."""
    value = holder[key]
    while isinstance(value, (CommentedMap, CommentedSeq)) and value and not value.fa.flow_style():
        holder, key = value, len(value) - 1 if isinstance(value, list) else next(reversed(value))
        value = holder[key]
    return holder, key, 0 if isinstance(holder, list) else 2


def _after(holder: Any, key: Any) -> str | None:
    """Blank lines and comments after an entry."""
    leaf, name, slot = _last_leaf(holder, key)
    tokens = leaf.ca.items.get(name)
    return tokens[slot].value if tokens and tokens[slot] else None


def _take_after(holder: Any, key: Any) -> str | None:
    text = _after(holder, key)
    if text and not text.startswith("#"):
        _put_after(holder, key, None)
        return text
    return None


def _put_after(holder: Any, key: Any, text: str | None) -> None:
    leaf, name, slot = _last_leaf(holder, key)
    if text is not None or name in leaf.ca.items:
        tokens = leaf.ca.items.setdefault(name, [None, None, None, None])
        tokens[slot] = CommentToken(text, CommentMark(0), None) if text else None
