"""A circle in a directed graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node")


def find_cycle(successors: Mapping[Node, Sequence[Node]]) -> list[Node]:
    """The nodes of one circle in order, or [] where there is none. Linear in nodes and edges, without recursion."""
    done: set[Node] = set()
    for start in successors:
        if start in done:
            continue
        path: dict[Node, None] = {start: None}
        ahead: list[Iterator[Node]] = [iter(successors[start])]
        while ahead:
            following = next(ahead[-1], None)
            if following is None:
                ahead.pop()
                done.add(path.popitem()[0])
            elif following in path:
                nodes = list(path)
                return nodes[nodes.index(following) :]
            elif following not in done:
                path[following] = None
                ahead.append(iter(successors.get(following, ())))
    return []
