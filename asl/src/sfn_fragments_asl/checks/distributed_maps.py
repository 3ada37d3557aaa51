"""Readers, batchers, writers and labels: what only a distributed Map has, and how it is written.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html and the pages of
ItemReader, ItemBatcher and ResultWriter there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding
from sfn_fragments_asl.model.calls import in_aws_partition
from sfn_fragments_asl.model.json_data import below, is_filled_in, is_marked, is_number, mapping
from sfn_fragments_asl.model.limits import MAX_PAYLOAD
from sfn_fragments_asl.near_names import near_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments_asl.model.machine import State

#: What an inline Map does not have: AWS refuses the first ones, and has no use for the others.
_REFUSED_INLINE = ("ItemBatcher", "ItemReader", "ResultWriter")
_IDLE_INLINE = (
    "Label",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
)
_READS = ("arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2")
_WRITES = ("arn:aws:states:::s3:putObject",)
#: Setting of a reader or a writer to the values that it takes.
_CHOICES = {
    "CSVDelimiter": ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
    "CSVHeaderLocation": ("FIRST_ROW", "GIVEN"),
    "InputType": ("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"),
    "ManifestType": ("ATHENA_DATA", "S3_INVENTORY"),
    "OutputType": ("JSON", "JSONL"),
}
_TRANSFORMATIONS = {
    "ReaderConfig": ("LOAD_AND_FLATTEN", "NONE"),
    "WriterConfig": ("COMPACT", "FLATTEN", "NONE"),
}
_MAX_ITEMS = 100_000_000
_MAX_LABEL = 40
_NOT_IN_LABEL = re.compile(r"""[\s?*<>{}\[\]"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]""")


def _inline(checked: CheckedDefinition) -> Iterator[Finding]:
    return _of_distributed_maps(checked, _REFUSED_INLINE)


def _idle(checked: CheckedDefinition) -> Iterator[Finding]:
    return _of_distributed_maps(checked, _IDLE_INLINE)


def _of_distributed_maps(checked: CheckedDefinition, names: tuple[str, ...]) -> Iterator[Finding]:
    """A finding for each field of these names that a Map has which is not distributed."""
    for state in checked.states():
        processor = state.fields.get("ItemProcessor")
        mode = mapping(mapping(processor).get("ProcessorConfig")).get("Mode")
        if state.type == "Map" and not (
            state.distributed or is_marked(mode) or is_marked(processor)
        ):
            yield from (
                Finding(
                    state.name,
                    f"the Map has {name}, and it is not distributed",
                    "set the Mode of its ItemProcessor's ProcessorConfig to DISTRIBUTED, or remove "
                    f"{name}",
                    below(state.pointer, name),
                )
                for name in names
                if name in state.fields
            )


def _settings(checked: CheckedDefinition) -> Iterator[Finding]:
    labels: dict[Any, str] = {}
    for state in checked.states():
        if state.type != "Map":
            continue
        for place, problem, remedy in _problems(state):
            yield Finding(state.name, problem, remedy, below(state.pointer, *place.split(".")))
        label = state.fields.get("Label")
        if isinstance(label, str) and not is_marked(label):
            if label in labels:
                yield Finding(
                    state.name,
                    f"its Label {label!r} is that of {labels[label]!r} too",
                    "give each Map a label of its own",
                    below(state.pointer, "Label"),
                )
            labels.setdefault(label, state.name)


def _problems(state: State) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a Map: the place, the problem and what to do."""
    fields = state.fields
    if "Label" in fields and (problem := _label_problem(fields["Label"])):
        yield "Label", problem, "shorten it to 40 letters, digits, dashes and underscores"
    if "ItemReader" in fields and not is_marked(fields["ItemReader"]):
        yield from _reader_problems(mapping(fields["ItemReader"]))
    if "ItemBatcher" in fields and not is_filled_in(fields["ItemBatcher"]):
        yield from _batcher_problems(mapping(fields["ItemBatcher"]))
    if "ResultWriter" in fields and not is_filled_in(fields["ResultWriter"]):
        yield from _writer_problems(mapping(fields["ResultWriter"]))


def _label_problem(label: Any) -> str | None:
    if is_marked(label):
        return None
    if not isinstance(label, str) or not label:
        return f"its Label is {label!r}"
    if len(label) > _MAX_LABEL:
        return f"its Label has {len(label)} characters, AWS takes {_MAX_LABEL}"
    wrong = _NOT_IN_LABEL.search(label)
    return f"its Label {label!r} has {wrong.group()!r}, which AWS does not take" if wrong else None


def _reader_problems(reader: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield from _resource_problems("ItemReader", reader, _READS)
    config = mapping(reader.get("ReaderConfig"))
    place = "ItemReader.ReaderConfig"
    yield from _choice_problems(place, config)
    resource = reader.get("Resource")
    reads_object = isinstance(resource, str) and in_aws_partition(resource) == _READS[0]
    if reads_object and "InputType" not in config and not is_marked(reader.get("ReaderConfig")):
        kinds = ", ".join(_CHOICES["InputType"])
        yield place, "its ReaderConfig has no InputType", f"give one of {kinds}"
    if config.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in config:
        yield place, "its CSVHeaderLocation is GIVEN, and it has no CSVHeaders", "give CSVHeaders"
    headers = config.get("CSVHeaders")
    if headers is not None and not (is_filled_in(headers) or _are_texts(headers)):
        yield f"{place}.CSVHeaders", f"its CSVHeaders are {headers!r}", 'give a list, ["a", "b"]'
    items = config.get("ItemsPointer")
    if isinstance(items, str) and items and not (items.startswith("/") or is_filled_in(items)):
        remedy = "write /a/b for what the path $.a.b leads to"
        yield f"{place}.ItemsPointer", f"its ItemsPointer is {items!r}, no JSON Pointer", remedy
    yield from _number_problems(place, config, {"MaxItems": (0, _MAX_ITEMS)})


def _are_texts(value: Any) -> bool:
    """Whether it is a list of one text or more."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


def _batcher_problems(batcher: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    limits = ("MaxItemsPerBatch", "MaxInputBytesPerBatch")
    if not any(name in batcher or f"{name}Path" in batcher for name in limits):
        yield "ItemBatcher", "its ItemBatcher has no limit", f"give {' or '.join(limits)}"
    yield from _number_problems(
        "ItemBatcher",
        batcher,
        {"MaxItemsPerBatch": (1, _MAX_ITEMS), "MaxInputBytesPerBatch": (1, MAX_PAYLOAD)},
    )


def _writer_problems(writer: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if not writer:
        yield (
            "ResultWriter",
            "its ResultWriter is empty",
            "give Resource and a bucket, or remove it",
        )
    elif "Resource" in writer or "WriterConfig" not in writer:
        yield from _resource_problems("ResultWriter", writer, _WRITES)
    yield from _choice_problems("ResultWriter.WriterConfig", mapping(writer.get("WriterConfig")))


def _resource_problems(
    holder: str, fields: Mapping[str, Any], known: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    resource = fields.get("Resource")
    if resource is None:
        yield holder, f"its {holder} has no Resource", f"give {' or '.join(known)}"
    elif not isinstance(resource, str) or (
        in_aws_partition(resource) not in known and not is_marked(in_aws_partition(resource))
    ):
        yield (
            f"{holder}.Resource",
            f"the Resource of its {holder} is {resource!r}",
            f"give {' or '.join(known)}",
        )


def _choice_problems(place: str, config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, value in config.items():
        known = _CHOICES.get(name)
        if name == "Transformation":
            known = _TRANSFORMATIONS[place.rpartition(".")[2]]
        if known and value not in known and not is_filled_in(value):
            near = near_names(value, known) if isinstance(value, str) else []
            remedy = f"give one of {', '.join(known)}"
            meant = f"; is {near[0]} meant?" if near else ""
            yield f"{place}.{name}", f"its {name} is {value!r}{meant}", remedy


def _number_problems(
    place: str, fields: Mapping[str, Any], limits: Mapping[str, tuple[int, int]]
) -> Iterator[tuple[str, str, str]]:
    for name, (least, most) in limits.items():
        value: Any = fields.get(name)
        if value is None or is_filled_in(value):
            continue
        if not (is_number(value) and value % 1 == 0 and least <= value <= most):
            remedy = f"give a whole number between {least} and {most}"
            yield f"{place}.{name}", f"its {name} is {value!r}", remedy


_REFUSED = "AWS refuses to create the state machine (SCHEMA_VALIDATION_FAILED)"

DISTRIBUTED_MAP_CHECKS = (
    Check(
        "asl.distributed-only",
        "error",
        f"{_REFUSED}: these fields are of distributed Maps alone.",
        _inline,
        what="A Map that is not distributed has an ItemReader, an ItemBatcher or a ResultWriter.",
        remedy="make the Map distributed",
    ),
    Check(
        "asl.idle-field",
        "warning",
        "A Map that is not distributed has no use for it: an item that fails ends the Map.",
        _idle,
        what="A Map that is not distributed has a Label, or tolerates failures.",
        remedy="make the Map distributed",
    ),
    Check(
        "asl.distributed-settings",
        "error",
        f"{_REFUSED}.",
        _settings,
        what="An ItemReader, ItemBatcher or ResultWriter lacks what it needs or has a value that "
        "it does not take, or a Label is too long, not the only one, or has other characters than "
        "AWS takes.",
        remedy="correct the setting",
    ),
)
