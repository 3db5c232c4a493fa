"""DynamoDB's condition and update expressions, as PynamoDB writes them, compiled once for each text."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

Item = dict[str, dict[str, Any]]
"""An item in DynamoDB's own form: ``{"pk": {"S": "..."}, "version": {"N": "3"}}``."""

Names = Mapping[str, str]
Values = Mapping[str, dict[str, Any]]
Condition = Callable[[Item, Names, Values], bool]
Operand = Callable[[Item, Names, Values], dict[str, Any] | None]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),+\-]|[#:]?\w+(?:\.[#:]?\w+)*)")


class UnknownExpressionError(Exception):
    """An expression that this module can't read; the real DynamoDB may well read it."""


def value_of(typed: dict[str, Any]) -> Any:
    """Return a typed value as one that can be compared: numbers as ``Decimal``, others as they are.

    Examples
    --------
    >>> value_of({"N": "2.50"}) == Decimal("2.5")
    True
    """
    ((kind, value),) = typed.items()
    return Decimal(value) if kind == "N" else value


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise UnknownExpressionError(f"{text!r} at {at}")
        found.append(match[1])
        at = match.end()
    return found


class _Parser:
    """A reader of one expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = _tokens(text)

    def peek(self) -> str:
        return self._left[0] if self._left else ""

    def take(self, expected: str | None = None) -> str:
        token = self._left.pop(0) if self._left else ""
        if not token or (expected is not None and token.upper() != expected):
            raise UnknownExpressionError(f"{self._text!r}: {expected or 'more'} expected, {token!r} found")
        return token

    def condition(self) -> Condition:
        """Read conditions joined by OR."""
        parts = [self._all()]
        while self.peek().upper() == "OR":
            self.take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda i, n, v: any(part(i, n, v) for part in parts)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self.peek().upper() == "AND":
            self.take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda i, n, v: all(part(i, n, v) for part in parts)

    def _one(self) -> Condition:
        token = self.peek()
        if token == "(":
            self.take()
            inner = self.condition()
            self.take(")")
            return inner
        if token.upper() == "NOT":
            self.take()
            denied = self._one()
            return lambda i, n, v: not denied(i, n, v)
        if token.lower() in _FUNCTIONS:
            return self._function(self.take().lower())
        return self._comparison(self.operand())

    def _function(self, name: str) -> Condition:
        self.take("(")
        operands = [self.operand()]
        while self.peek() == ",":
            self.take()
            operands.append(self.operand())
        self.take(")")
        rule = _FUNCTIONS[name]
        return lambda i, n, v: rule(*(operand(i, n, v) for operand in operands))

    def _comparison(self, left: Operand) -> Condition:
        sign = self.take().upper()
        if sign == "BETWEEN":
            low = self.operand()
            self.take("AND")
            high = self.operand()
            return lambda i, n, v: (
                _holds(">=", left(i, n, v), low(i, n, v)) and _holds("<=", left(i, n, v), high(i, n, v))
            )
        if sign == "IN":
            self.take("(")
            members = [self.operand()]
            while self.peek() == ",":
                self.take()
                members.append(self.operand())
            self.take(")")
            return lambda i, n, v: any(_holds("=", left(i, n, v), member(i, n, v)) for member in members)
        if sign not in _SIGNS:
            raise UnknownExpressionError(f"{self._text!r}: {sign!r}")
        right = self.operand()
        return lambda i, n, v: _holds(sign, left(i, n, v), right(i, n, v))

    def operand(self) -> Operand:
        """Read a name, a value, or ``if_not_exists(name, value)``, with a sum or difference of two."""
        first = self._term()
        if self.peek() in {"+", "-"}:
            sign, second = self.take(), self._term()
            return lambda i, n, v: _added(first(i, n, v), second(i, n, v), 1 if sign == "+" else -1)
        return first

    def _term(self) -> Operand:
        token = self.take()
        if token.startswith(":"):
            return lambda _i, _n, v: v[token]
        if token == "if_not_exists":
            self.take("(")
            there = self.operand()
            self.take(",")
            otherwise = self.operand()
            self.take(")")
            return lambda i, n, v: there(i, n, v) or otherwise(i, n, v)
        if "." in token:
            raise UnknownExpressionError(f"{self._text!r}: {token} is a path into a value")
        return lambda i, n, _v: i.get(n[token] if token.startswith("#") else token)

    @property
    def is_done(self) -> bool:
        return not self._left


def _added(one: dict[str, Any] | None, other: dict[str, Any] | None, sign: int) -> dict[str, Any]:
    if one is None or other is None:
        raise UnknownExpressionError("a sum with an attribute that is not there")
    return {"N": str(Decimal(one["N"]) + sign * Decimal(other["N"]))}


_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _holds(sign: str, left: dict[str, Any] | None, right: dict[str, Any] | None) -> bool:
    if left is None or right is None:
        return sign == "<>" and left is not right
    if left.keys() != right.keys():
        return sign == "<>"
    return bool(_SIGNS[sign](value_of(left), value_of(right)))


_FUNCTIONS: Mapping[str, Callable[..., bool]] = {
    "attribute_exists": lambda found: found is not None,
    "attribute_not_exists": lambda found: found is None,
    "begins_with": lambda found, start: found is not None and str(found.get("S", "")).startswith(start["S"]),
    "contains": lambda found, part: found is not None and value_of(part) in value_of(found),
}


@lru_cache(maxsize=4096)
def condition_of(text: str) -> Condition:
    """Return what a condition expression says.

    Raises
    ------
    UnknownExpressionError
        If it has a form that no store here writes.
    """
    parser = _Parser(text)
    condition = parser.condition()
    if not parser.is_done:
        raise UnknownExpressionError(text)
    return condition


@lru_cache(maxsize=1024)
def update_of(text: str) -> Callable[[Item, Names, Values], Item]:
    """Return a function that gives the item after an update expression of SET, ADD and REMOVE.

    Raises
    ------
    UnknownExpressionError
        If it has a form that no store here writes.
    """
    parser = _Parser(text)
    steps: list[Callable[[Item, Item, Names, Values], None]] = []
    while not parser.is_done:
        clause = parser.take().upper()
        while True:
            name = parser.take()
            if clause == "SET":
                parser.take("=")
                steps.append(_setting(name, parser.operand()))
            elif clause == "ADD":
                steps.append(_adding(name, parser.operand()))
            elif clause == "REMOVE":
                steps.append(_removing(name))
            else:
                raise UnknownExpressionError(text)
            if parser.peek() != ",":
                break
            parser.take()

    def updated(item: Item, names: Names, values: Values) -> Item:
        after = dict(item)
        for step in steps:
            step(item, after, names, values)
        return after

    return updated


def _setting(name: str, operand: Operand) -> Callable[[Item, Item, Names, Values], None]:
    def step(before: Item, after: Item, names: Names, values: Values) -> None:
        value = operand(before, names, values)
        if value is None:
            raise UnknownExpressionError(f"{name} is set to an attribute that is not there")
        after[names.get(name, name)] = value

    return step


def _adding(name: str, operand: Operand) -> Callable[[Item, Item, Names, Values], None]:
    def step(before: Item, after: Item, names: Names, values: Values) -> None:
        known = names.get(name, name)
        after[known] = _added(before.get(known, {"N": "0"}), operand(before, names, values), 1)

    return step


def _removing(name: str) -> Callable[[Item, Item, Names, Values], None]:
    def step(_before: Item, after: Item, names: Names, _values: Values) -> None:
        after.pop(names.get(name, name), None)

    return step
