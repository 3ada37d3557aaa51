"""Reference paths: the part of JSONPath by which a state names a place in its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.reference_paths import is_dynamic, sanitized, split_root

if TYPE_CHECKING:
    from aws_cdk import IResolvable

__all__ = ["JsonReferencePath", "is_dynamic"]


class JsonReferencePath(str):
    """A place in the state's data, as a string without its ``$.`` that can be extended.

    Paths into the input are kept without their root, so that ``"$.a"``, ``"a"`` and ``"a.$"`` are
    the same path; those into the context object (``$$.Execution.Name``) and into variables
    (``$name.x``) keep theirs, when they stand first.

    Examples:
        >>> path = JsonReferencePath("$.job") + "memory"
        >>> path, path.as_reference, path.as_key
        ('job.memory', '$.job.memory', 'job.memory.$')
    """

    __slots__ = ()

    def __new__(cls, content: str = "") -> JsonReferencePath:
        """Keep the sanitized path.

        Args:
            content: A path, with or without ``$.``; surplus periods are dropped.
        """
        return super().__new__(cls, cls.sanitize(content))

    def __add__(self, other: str) -> JsonReferencePath:
        """Extend the path; what follows is relative, whatever root it was written with."""
        return self.extend(other)

    def extend(self, *paths: str) -> JsonReferencePath:
        """Append paths, each relative to the one before.

        Args:
            *paths: Paths, with or without a root.

        Returns:
            The longer path.

        Examples:
            >>> JsonReferencePath("a").extend("$.b", "c[0]").as_reference
            '$.a.b.c[0]'
        """
        return JsonReferencePath(".".join([str(self), *(split_root(path)[1] for path in paths)]))

    @property
    def as_key(self) -> str:
        """The path as a key whose value is a path: ``a.$``; the empty path gives ``$``."""
        return f"{self}.$" if self else "$"

    @property
    def as_reference(self) -> str:
        """The path with its root: ``$.a``; the empty path gives ``$``."""
        if not self:
            return "$"
        if self.startswith("$"):
            return str(self)
        return f"${self}" if self.startswith("[") else f"$.{self}"

    @property
    def as_jsonpath_string(self) -> str:
        """A CDK token of a string at this path."""
        from aws_cdk.aws_stepfunctions import JsonPath

        return JsonPath.string_at(self.as_reference)

    @property
    def as_jsonpath_object(self) -> IResolvable:
        """A CDK token of an object at this path."""
        from aws_cdk.aws_stepfunctions import JsonPath

        return JsonPath.object_at(self.as_reference)

    @property
    def as_jsonpath_json_to_string(self) -> str:
        """A CDK token of the JSON text of the object at this path."""
        from aws_cdk.aws_stepfunctions import JsonPath

        return JsonPath.json_to_string(self.as_jsonpath_object)

    @property
    def as_jsonpath_list(self) -> list[str]:
        """A CDK token of a list of strings at this path."""
        from aws_cdk.aws_stepfunctions import JsonPath

        return JsonPath.list_at(self.as_reference)

    @property
    def as_jsonpath_number(self) -> Any:
        """A CDK token of a number at this path."""
        from aws_cdk.aws_stepfunctions import JsonPath

        return JsonPath.number_at(self.as_reference)

    @classmethod
    def sanitize(cls, s: str) -> str:
        """Drop the root of a path into the input, and surplus periods.

        Args:
            s: A path.

        Returns:
            The path as this class keeps it.

        Examples:
            >>> JsonReferencePath.sanitize("$.a..b."), JsonReferencePath.sanitize("$")
            ('a.b', '')
        """
        return sanitized(s)

    @classmethod
    def is_reference(cls, s: Any) -> bool:
        """Whether the value is a path of this class, or another string that begins with ``$``."""
        return isinstance(s, cls) or (isinstance(s, str) and s.startswith("$"))

    @classmethod
    def empty(cls) -> JsonReferencePath:
        """The path of the whole input, ``$``."""
        return cls("")
