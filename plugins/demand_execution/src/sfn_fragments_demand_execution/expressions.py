"""JSONata expressions of what the states of a demand execution compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.model.jsonata_source import Expression, concat, source

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What flows through the states untouched.
INPUT = Expression("$states.input")


def merged_tags(build_tags: object) -> Expression:
    """The request with the tags of the build, above which its own go.

    Args:
        build_tags: An object, or an expression of one.

    Returns:
        The expression; the request is its input.
    """
    metadata = f"{INPUT}.execution_metadata"
    # Tags given as null count as absent; any other that is no object is refused.
    own = f"($type({metadata}.tags) = 'null' ? {{}} : {metadata}.tags)"
    tags = f"$merge([{source(build_tags)}, {own}])"
    changed = f'$merge([{metadata}, {{"tags": {tags}}}])'
    return Expression(f'$merge([{INPUT}, {{"execution_metadata": {changed}}}])')


def full_image(image: Expression, registry: str) -> Expression:
    """The URI of an image.

    Args:
        image: Its name.
        registry: The registry of names without one.

    Returns:
        The expression.
    """
    own = concat(f"{registry}/", image)
    # As Docker tells them apart: the host of a registry has a dot or a port.
    return Expression(rf"($contains({image}, /^[^\/]*[.:][^\/]*\//) ? {image} : {own})")


def has_version(image: Expression) -> Expression:
    """Whether a name says which image of its repository is meant, or the registry decides.

    Args:
        image: The name.

    Returns:
        The expression.
    """
    return Expression(rf"$contains({image}, /[:@]/) or $contains({image}, /^[^\/]*\.[^\/]*\//)")


def latest_image(image: Expression, registry: str) -> Expression:
    """The image that was pushed last, of what ``ecr:describeImages`` returned.

    Args:
        image: Name of the repository.
        registry: Its registry.

    Returns:
        The expression of its URI.
    """
    newest = (
        "$sort($states.result.ImageDetails, function($a, $b) { "
        "$a.ImagePushedAt < $b.ImagePushedAt })[0].ImageDigest"
    )
    return Expression(concat(f"{registry}/", image, "@", Expression(newest)))


def original_failure(failure: Expression, name: str) -> Expression:
    """A part of the error that a state failed with, or the execution that it waited for.

    The error of a nested execution comes as the JSON of the execution's description; a text that
    Step Functions has cut cannot be read, and is passed on as it is.

    Args:
        failure: The error, as a catcher has it.
        name: ``Error`` or ``Cause``.

    Returns:
        The expression.
    """
    return Expression(
        "($original := function($failure) {( "
        "$cause := $failure.Cause; "
        "$described := $type($cause) = 'string' and $contains($cause, '\"ExecutionArn\"') "
        "and $substring($cause, 0, 1) = '{' and $substring($cause, -1) = '}'; "
        "$execution := $described ? $parse($cause) : {}; "
        "$type($execution.Error) = 'string' ? $original({'Error': $execution.Error, "
        "'Cause': $type($execution.Cause) = 'string' ? $execution.Cause : $cause}) : $failure "
        f")}}; $text := $original({failure}).{name}; $type($text) = 'string' ? $text : '')"
    )


def authorized_volumes(volumes: Expression, file_systems: Sequence[str] | Expression) -> Expression:
    """Planned volumes, where those of some file systems ask IAM whether the job may mount them.

    The handler that plans knows nothing of it.

    Args:
        volumes: The volumes, with keys as Step Functions has them.
        file_systems: Ids of the file systems, or an expression of them.

    Returns:
        The expression.
    """
    if not file_systems:
        return volumes
    efs = "$v.EfsVolumeConfiguration"
    authorization = f'$merge([{efs}.AuthorizationConfig, {{"Iam": "ENABLED"}}])'
    tls = f'{{"TransitEncryption": "ENABLED", "AuthorizationConfig": {authorization}}}'
    changed = f'$merge([$v, {{"EfsVolumeConfiguration": $merge([{efs}, {tls}])}}])'
    condition = f"{efs}.FileSystemId in {source(file_systems)}"
    return Expression(f"[$map({volumes}, function($v) {{ {condition} ? {changed} : $v }})]")
