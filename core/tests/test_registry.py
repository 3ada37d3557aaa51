"""The registry: names to specs, classes on first use, errors that help."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sfn_fragments import (
    FragmentConflictError,
    FragmentRegistry,
    FragmentSpec,
    InvalidParametersError,
    PluginError,
    UnknownFragmentError,
    first_party,
    get_registry,
)

if TYPE_CHECKING:
    from pathlib import Path

Install = Callable[..., None]

FRAGMENTS = """
class Wait:
    def __init__(self, scope, id, *, name=None):
        self.seen = (scope, id, name)

REQUEST = {"type": "object"}
"""


def plugin(*lines: str) -> str:
    """Source of a plugin module that yields ``FragmentSpec(<line>)`` for each line."""
    body = "".join(f"    yield FragmentSpec({line})\n" for line in lines)
    return (
        "from sfn_fragments import FragmentSpec, hookimpl\n"
        f"@hookimpl\ndef sfn_fragments_register():\n{body}"
    )


@pytest.fixture
def acme(install: Install) -> FragmentRegistry:
    install(
        "acme-fragments",
        version="1.2",
        modules={
            "acme_plugin": plugin(
                "'acme.wait', 'acme_fragments:Wait', 'Waits.', request='acme_fragments:REQUEST'",
                "'acme.gone', 'acme_gone:Gone', 'Is not there.'",
                "'acme.no_class', 'acme_fragments:Nothing', 'Is not there.'",
                "'acme.exits', 'acme_exits:X', 'Leaves.'",
                "'acme.data', 'acme_fragments:REQUEST', 'Is no class.'",
            ),
            "acme_fragments": FRAGMENTS,
            "acme_exits": "raise SystemExit(2)",
        },
    )
    return get_registry()


def test_is_a_read_only_mapping_of_specs(acme: FragmentRegistry) -> None:
    assert acme.names() == ("acme.data", "acme.exits", "acme.gone", "acme.no_class", "acme.wait")
    assert tuple(acme) == acme.names()
    assert len(acme) == 5
    assert acme["acme.wait"] is acme.spec("acme.wait")
    assert isinstance(acme["acme.wait"], FragmentSpec)
    assert "acme.other" not in acme
    assert acme.get("acme.other") is None
    assert not hasattr(acme, "__setitem__")
    assert repr(acme) == "<FragmentRegistry: 5 fragments of 1 plugins, 0 problems>"


def test_listing_imports_no_fragment_and_load_imports_it_once(acme: FragmentRegistry) -> None:
    assert acme.names()
    assert "acme_fragments" not in sys.modules
    wait = acme.load("acme.wait")
    assert wait is sys.modules["acme_fragments"].Wait
    assert acme.load("acme.wait") is wait


def test_create_passes_everything_on_even_a_parameter_called_name(acme: FragmentRegistry) -> None:
    scope: Any = "stack"  # the fake takes any
    made = acme.create("acme.wait", scope, "Wait", name="given")
    assert made.seen == ("stack", "Wait", "given")


def test_create_names_unknown_and_missing_arguments(install: Install) -> None:
    source = (
        "class Wait:\n    def __init__(self, scope, id, seconds, memory, *, name=None): ...\n"
        "class Any:\n    def __init__(self, *args, **kwargs): self.seen = (args, kwargs)\n"
    )
    install(
        "acme-fragments",
        modules={
            "acme_plugin": plugin(
                "'acme.wait', 'acme_fragments:Wait', 'Waits.'",
                "'acme.any', 'acme_fragments:Any', 'Takes anything.'",
            ),
            "acme_fragments": source,
        },
    )
    scope: Any = "stack"
    with pytest.raises(InvalidParametersError) as raised:
        get_registry().create("acme.wait", scope, "Wait", memmory=3, scope=4)
    assert str(raised.value).splitlines() == [
        "acme.wait 'Wait': 4 invalid parameter(s):",
        "  - memmory: 3: no such parameter; did you mean memory?",
        "  - scope: 4: no such parameter; there are: seconds, memory, name",
        "  - seconds: not given: required: give seconds=...",
        "  - memory: not given: required: give memory=...",
    ]
    made = get_registry().create("acme.any", scope, "Any", other=1)
    assert made.seen == (("stack", "Any"), {"other": 1})


def test_resolve_gives_what_a_target_names(acme: FragmentRegistry) -> None:
    target = acme.spec("acme.wait").request
    assert target is not None
    assert acme.resolve(target) == {"type": "object"}
    with pytest.raises(PluginError, match="acme_fragments:Missing"):
        acme.resolve("acme_fragments:Missing")


@pytest.mark.parametrize("name", ["acme.gone", "acme.exits"])
def test_what_a_spec_names_and_there_is_not_names_the_plugin(
    acme: FragmentRegistry, name: str
) -> None:
    target = acme.spec(name).target
    told = f"fragment '{name}' of {acme.provider(name)}: target '{target}' cannot be loaded"
    for look_up in (lambda: acme.load(name), lambda: acme.resolve(target)):
        with pytest.raises(PluginError) as raised:
            look_up()
        assert str(raised.value).startswith(told)


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("name", ["acme.wait", "acme.gone", "acme.exits"])
def test_garbage_is_collected_after_an_import_as_before_it(
    acme: FragmentRegistry, name: str, enabled: bool
) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with suppress(PluginError):
            acme.load(name)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_no_collection_looks_through_what_is_imported(
    acme: FragmentRegistry, tmp_path: Path
) -> None:
    # As many objects as let Python look several times.
    many = "import gc\nWAS_ENABLED = gc.isenabled()\nKEPT = [[] for _ in range(10_000)]\n"
    (tmp_path / "acme_gone.py").write_text(f"{many}class Gone: ...\n")
    acme.load("acme.gone")
    assert sys.modules["acme_gone"].WAS_ENABLED is False


def test_provider_names_distribution_version_and_entry_point(acme: FragmentRegistry) -> None:
    provider = acme.provider("acme.wait")
    assert (provider.distribution, provider.version) == ("acme-fragments", "1.2")
    assert (provider.name, provider.value) == ("acme", "acme_plugin")
    assert acme.plugins() == (provider,)


@pytest.mark.parametrize(
    ("name", "target", "cause"),
    [
        ("acme.gone", "acme_gone:Gone", "ModuleNotFoundError"),
        ("acme.no_class", "acme_fragments:Nothing", "AttributeError"),
        ("acme.exits", "acme_exits:X", "SystemExit"),
        ("acme.data", "acme_fragments:REQUEST", "neither a class nor a function"),
    ],
)
def test_target_that_fails_is_named_with_its_distribution(
    acme: FragmentRegistry, name: str, target: str, cause: str
) -> None:
    with pytest.raises(PluginError) as caught:
        acme.load(name)
    for part in (name, target, "acme-fragments 1.2", cause):
        assert part in str(caught.value)


def test_target_that_failed_is_tried_again(acme: FragmentRegistry, tmp_path: Path) -> None:
    with pytest.raises(PluginError):
        acme.load("acme.gone")
    (tmp_path / "acme_gone.py").write_text("class Gone: ...\n")
    acme.refresh()
    assert acme.load("acme.gone").__name__ == "Gone"


def test_name_of_two_plugins_is_unusable_and_the_rest_works(install: Install) -> None:
    for name in ("one", "two"):
        install(
            f"acme-{name}",
            version=f"{len(name)}.{name == 'two':d}",
            entry_points={"acme": f"acme_{name}"},
            modules={
                f"acme_{name}": plugin(
                    "'acme.wait', 'm:C', 'Waits.'", f"'acme.{name}', 'm:C', 'Is alone.'"
                )
            },
        )
    registry = get_registry()
    assert registry.names() == ("acme.one", "acme.two")
    assert "acme.wait" not in registry
    assert registry.get("acme.wait") is None
    for use in (registry.spec, registry.load, registry.provider, registry.__getitem__):
        with pytest.raises(FragmentConflictError) as caught:
            use("acme.wait")
        assert "acme-one 3.0 (acme_one)" in str(caught.value)
        assert "acme-two 3.1 (acme_two)" in str(caught.value)
    problems = registry.problems()
    assert [(problem.stage, problem.distribution, problem.version) for problem in problems] == [
        ("conflict", "acme-one", "3.0"),
        ("conflict", "acme-two", "3.1"),
    ]
    assert all("'acme.wait'" in str(p) and "uninstall all but one" in str(p) for p in problems)


@pytest.mark.parametrize(
    ("name", "hints"),
    [
        ("acme.wiat", ["'acme.wait'"]),
        ("acme.completely_different", []),
        ("zzz", ["sfn-fragments list"]),
    ],
)
def test_unknown_name_suggests_near_ones(
    acme: FragmentRegistry, name: str, hints: list[str]
) -> None:
    with pytest.raises(UnknownFragmentError) as caught:
        acme.load(name)
    assert repr(name) in str(caught.value)
    for hint in hints:
        assert hint in str(caught.value)
    assert "pip install" not in str(caught.value)


@pytest.mark.parametrize("name", ["data_sync.snyc", "data_sync.sync", "data_sync.zzzzzzzzzzzzzz"])
def test_unknown_name_says_which_extra_to_install(
    install: Install, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    install("acme-fragments")
    registry = get_registry()
    # The fixture leaves the real plugins out; here they are not even installed.
    registry._found.disabled.clear()
    with pytest.raises(UnknownFragmentError) as caught:
        registry.spec(name)
    assert 'pip install "sfn-fragments[data-sync]"' in str(caught.value)
    assert ("did you mean 'data_sync.sync'" in str(caught.value)) == (name == "data_sync.snyc")


def test_unknown_name_of_a_disabled_plugin_says_so(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("acme-fragments")
    monkeypatch.setenv(
        "SFN_FRAGMENTS_DISABLE", "core,batch,data_sync,efs,demand_execution,local,acme"
    )
    with pytest.raises(UnknownFragmentError, match="'acme' is left out by SFN_FRAGMENTS_DISABLE"):
        get_registry().spec("acme.wait")


def test_unknown_name_lists_the_plugins_that_failed(install: Install) -> None:
    install("acme-fragments", version="7.1", modules={"acme_plugin": "raise OSError('no disk')"})
    with pytest.raises(UnknownFragmentError) as caught:
        get_registry().spec("acme.wait")
    assert "acme-fragments 7.1" in str(caught.value)
    assert "no disk" in str(caught.value)
    assert "\\n" not in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.text()
    | st.sampled_from(first_party.FRAGMENTS).flatmap(
        lambda name: st.integers(0, len(name) - 1).map(lambda i: name[:i] + name[i + 1 :])
    )
)
def test_any_unknown_name_gives_the_same_error_type(acme: FragmentRegistry, name: str) -> None:
    # Hypothesis takes texts from the modules that are loaded, and so may hit a name.
    assume(name not in acme.names())
    with pytest.raises(UnknownFragmentError) as caught:
        acme.load(name)
    assert repr(name) in str(caught.value)


def test_every_first_party_fragment_has_a_way_to_be_installed() -> None:
    prefixes = {name.partition(".")[0] for name in first_party.FRAGMENTS}
    assert prefixes - {"core"} == set(first_party.EXTRAS)


def test_refresh_finds_plugins_installed_since_and_forgets_removed_ones(
    acme: FragmentRegistry, install: Install, tmp_path: Path
) -> None:
    install(
        "late",
        entry_points={"late": "late_plugin"},
        modules={"late_plugin": plugin("'late.one', 'm:C', 'Comes late.'")},
    )
    assert "late.one" not in acme
    before = acme.plugin_manager
    acme.refresh()
    assert "late.one" in acme
    assert get_registry() is acme
    assert acme.plugin_manager is not before
    for file in (tmp_path / "late-1.0.dist-info").iterdir():
        file.unlink()
    acme.refresh()
    assert "late.one" not in acme


def test_refresh_that_raises_keeps_what_was_found(
    acme: FragmentRegistry, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = acme.names()
    install("bad", entry_points={"bad": "bad_plugin"}, modules={"bad_plugin": "1 / 0"})
    monkeypatch.setenv("SFN_FRAGMENTS_STRICT", "1")
    with pytest.raises(PluginError):
        acme.refresh()
    assert acme.names() == names


def test_threads_share_one_registry_and_one_class(install: Install) -> None:
    install(
        "acme-fragments",
        modules={
            "acme_plugin": "import time; time.sleep(0.05)\n"
            + plugin("'acme.wait', 'acme_slow:Wait', 'Waits.'"),
            "acme_slow": "import time; time.sleep(0.05)\nclass Wait: ...",
        },
    )
    start = threading.Barrier(8)
    seen: list[tuple[int, object]] = []

    def use() -> None:
        start.wait()
        registry = get_registry()
        seen.append((id(registry), registry.load("acme.wait")))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


def test_fragments_are_found_by_words_and_keywords(install: Install) -> None:
    source = """
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec("acme.tile", "m:C", "Cuts an Image.", keywords=("s3", "clean-up"))
    yield FragmentSpec("acme.wait", "m:C", "Waits for an image.", stability="experimental")
"""
    install("acme-fragments", modules={"acme_plugin": source})
    registry = get_registry()

    def found(*words: str, **given: str) -> list[str]:
        return [spec.name for spec in registry.find(*words, **given)]

    assert found() == ["acme.tile", "acme.wait"]
    assert found("IMAGE") == ["acme.tile", "acme.wait"]
    assert found("image waits") == ["acme.wait"]
    assert found("clean-up") == found(keyword="S3") == found("cuts", keyword="s3") == ["acme.tile"]
    assert found("tile", keyword="lambda") == found("nothing of it") == []
    assert registry.spec("acme.wait").stability == "experimental"
