"""What calls of DynamoDB need that name several tables, or an index of one.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/using-identity-based-policies.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sfn_fragments_asl.model.values import NOTHING
from sfn_fragments_asl.permissions.action_names import actions_of
from sfn_fragments_asl.permissions.call import arn, arns
from sfn_fragments_asl.permissions.named_resources import named_resources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission

# What an item of a transaction does, to the action that it takes.
_TRANSACTIONS = {
    "transactGetItems": {"Get": "dynamodb:GetItem"},
    "transactWriteItems": {
        "ConditionCheck": "dynamodb:ConditionCheckItem",
        "Delete": "dynamodb:DeleteItem",
        "Put": "dynamodb:PutItem",
        "Update": "dynamodb:UpdateItem",
    },
}
# A statement of PartiQL: what it does, the table and the index.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
_STATEMENT = re.compile(
    r"\s*(?:(?P<Select>select)\b.*?\bfrom|(?P<Insert>insert)\s+into|(?P<Update>update)"
    r"|(?P<Delete>delete)\s+from)\s+\"?(?P<table>[^\"\s.\[]+)\"?(?:\.\"(?P<index>[^\"]+)\")?",
    re.IGNORECASE | re.DOTALL,
)
_PARTIQL = {
    "batchExecuteStatement": "Statements.Statement",
    "executeStatement": "Statement",
    "executeTransaction": "TransactStatements.Statement",
}
#: A table is made of a backup or another table: the calls read the one and write the other.
_RESTORES = frozenset({"restoreTableFromBackup", "restoreTableToPointInTime"})
_ANY_TABLE = "The table is named in a statement or chosen by an execution; allowed: any."


def table_permissions(call: Call) -> Iterator[Permission]:
    """What a call needs, on the tables and indexes that it names.

    Args:
        call: The call.
    """
    actions = actions_of(call.service, call.action)
    if call.action in _TRANSACTIONS:
        yield from _of_transaction(call, actions)
    elif call.action in ("batchGetItem", "batchWriteItem"):
        requested = call.known("RequestItems")
        if requested.open or not requested.fields:
            yield call.need(actions, [arn("dynamodb", "table/*")], [_ANY_TABLE])
        else:
            yield call.need(actions, _tables(list(requested.fields)))
    elif found := named_resources(call, "dynamodb"):
        tables, notes = list(found.patterns), [found.note]
        if call.action in ("query", "scan") and "IndexName" in call:
            names = call.patterns("IndexName")
            indexes = [f"{table}/index/{name}" for table in tables for name in names.patterns]
            tables, notes = [*tables, *indexes], [*notes, names.note]
        yield call.need(actions, tables, notes)
    elif call.action in _PARTIQL:
        yield from _of_statements(call, actions)
    elif call.action in _RESTORES:
        yield from _of_restore(call, actions)
    else:
        yield call.need(actions, ["*"])


def _of_restore(call: Call, actions: Sequence[str]) -> Iterator[Permission]:
    named = [name for name in ("TargetTableName", "SourceTableName") if name in call]
    tables = [call.patterns(name) for name in named]
    notes = [each.note for each in tables]
    resources = [arn for each in tables for arn in _tables(each.patterns)]
    for parameter in ("BackupArn", "SourceTableArn"):
        if parameter in call:
            arns_given = call.patterns(parameter)
            resources += arns_given.patterns
            notes.append(arns_given.note)
    yield call.need(actions, resources, notes)


def _of_transaction(call: Call, actions: Sequence[str]) -> Iterator[Permission]:
    items = call.known("TransactItems")
    if items.open or not items.fields:
        yield call.need(actions, [arn("dynamodb", "table/*")], [_ANY_TABLE])
        return
    for item, action in _TRANSACTIONS[call.action].items():
        if items.field(item) != NOTHING:
            names = call.patterns(f"TransactItems.{item}.TableName")
            yield call.need([action], _tables(names.patterns), [names.note])


def _of_statements(call: Call, actions: Sequence[str]) -> Iterator[Permission]:
    value = call.known(_PARTIQL[call.action])
    read = [_STATEMENT.match(text.prefix) for text in value.texts]
    if value.open or not read or None in read:
        yield call.need(actions, [arn("dynamodb", "table/*")], [_ANY_TABLE])
        return
    for found in filter(None, read):
        [verb] = [name for name in ("Select", "Insert", "Update", "Delete") if found[name]]
        tables = _tables([found["table"]])
        if found["index"]:
            tables += [f"{table}/index/{found['index']}" for table in tables]
        yield call.need([f"dynamodb:PartiQL{verb}"], tables)


def _tables(names: Sequence[str]) -> list[str]:
    return arns("dynamodb", "table/", names)
