"""Inserting into and removing from a parsed YAML document without losing blank lines and comments.

ruamel.yaml keeps what follows an entry on the entry's last leaf: a blank line and a comment about the next
entry therefore hang on the previous one, and have to be moved when there is a new one between.
"""

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import CommentToken

_BEFORE, _AFTER_KEY, _AFTER_ITEM = 1, 2, 0


class WouldLoseComment(Exception):  # noqa: N818 - the edit is refused, nothing has gone wrong
    """There is no place left to keep a comment at."""


def insert(holder: Any, key: Any, value: Any, after: Any = None) -> None:
    """Puts an entry after the one with that key or index; first if that is None.

    In a list, `key` is not used.
    """
    separator = _separator(holder)
    following = _take_after(holder, after) if after is not None else None
    if isinstance(holder, list):
        index = 0 if after is None else after + 1
        holder.insert(index, value)
        key = index
    else:
        position = 0 if after is None else list(holder).index(after) + 1
        holder.insert(position, key, value)
    if after is not None and separator:
        _put_after(holder, after, separator)
    _put_after(holder, key, following or (separator if after is None else None))


def remove(holder: Any, key: Any) -> None:
    """Takes the entry out. Comments around it stay, with its neighbours."""
    keys = list(range(len(holder))) if isinstance(holder, list) else list(holder)
    position = keys.index(key)
    is_last = position == len(keys) - 1
    after = _after(holder, key) or ""
    if position == 0 and "#" in after:
        raise WouldLoseComment("a comment beside it would be lost")
    _keep_what_is_before(holder, key, None if is_last else keys[position + 1])
    if position > 0 and after and (is_last or "#" in after):
        previous = _take_after(holder, keys[position - 1]) or ""
        kept = previous.rstrip("\n") if "#" in previous or not is_last else ""
        _put_after(holder, keys[position - 1], kept + after)
    if isinstance(holder, CommentedMap):
        holder.ca.items.pop(key, None)
    del holder[key]


def _keep_what_is_before(holder: Any, key: Any, following: Any) -> None:
    tokens = holder.ca.items.get(key, [None, None])[_BEFORE] if isinstance(holder, CommentedMap) else None
    if not tokens or not any("#" in token.value for token in tokens):
        return
    if following is None:
        raise WouldLoseComment("the comment above it would be lost")
    known = holder.ca.items.setdefault(following, [None, None, None, None])
    known[_BEFORE] = [*tokens, *(known[_BEFORE] or [])]


def _separator(holder: Any) -> str | None:
    """The blank line these entries have between them, if they do."""
    keys = range(len(holder)) if isinstance(holder, list) else list(holder)
    texts = [_after(holder, key) for key in keys[:-1]]
    return next((text for text in texts if text and not text.strip()), None)


def _last_leaf(holder: Any, key: Any) -> tuple[Any, Any]:
    value = holder[key]
    while isinstance(value, (CommentedMap, CommentedSeq)) and value and not value.fa.flow_style():
        holder, key = value, len(value) - 1 if isinstance(value, list) else next(reversed(value))
        value = holder[key]
    return holder, key


def _slot(holder: Any) -> int:
    return _AFTER_ITEM if isinstance(holder, list) else _AFTER_KEY


def _after(holder: Any, key: Any) -> str | None:
    """Blank lines and comments after an entry."""
    leaf, name = _last_leaf(holder, key)
    tokens = leaf.ca.items.get(name)
    token = tokens[_slot(leaf)] if tokens else None
    return token.value if token else None


def _take_after(holder: Any, key: Any) -> str | None:
    text = _after(holder, key)
    if text and not text.startswith("#"):
        _put_after(holder, key, None)
        return text
    return None


def _put_after(holder: Any, key: Any, text: str | None) -> None:
    leaf, name = _last_leaf(holder, key)
    if text is None and name not in leaf.ca.items:
        return
    tokens = leaf.ca.items.setdefault(name, [None, None, None, None])
    tokens[_slot(leaf)] = CommentToken(text, CommentMark(0), None) if text else None
