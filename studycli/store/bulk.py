"""Many rows written by one statement, so that the triggers of a table run in one go."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Column, Connection, MetaData, Table, insert, select, true
from sqlalchemy.dialects.sqlite import insert as upsert

_STAGE = "arriving"


def save(connection: Connection, target: Table, rows: Sequence[dict[str, object]], kept: Collection[str]) -> None:
    """Insert rows, each with all its values, or bring the known ones up to date but for the columns `kept`.

    The full-text index writes what it was given to the disk at the end of each statement that has triggers. A
    statement a row would make it write 100,000 times.
    """
    if not rows:
        return
    names = list(rows[0])
    stage = Table(_STAGE, MetaData(), *(Column(name, target.c[name].type) for name in names), prefixes=["TEMPORARY"])
    key = [column.name for column in target.primary_key]
    stage.create(connection)
    connection.execute(insert(stage), rows)
    # Without a WHERE, SQLite takes the ON CONFLICT for the start of a join.
    statement = upsert(target).from_select(names, select(stage).where(true()))
    changed = {name: statement.excluded[name] for name in names if name not in (*key, *kept)}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))
    stage.drop(connection)
