"""Hooks that plugins bring: known to all, refused whole where they are wrong, or simply absent."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.proofs import few

from sfn_fragments import PluginError, first_party, get_registry

if TYPE_CHECKING:
    from pathlib import Path

    from sfn_fragments import Problem

Install = Callable[..., None]

#: Brings the hook of MENU, and a fragment, so that one sees whether it is loaded.
DINER = """
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec("diner.eat", "diner:Eat", "Eats.")

@hookimpl
def sfn_fragments_hookspecs():
    yield "diner_hookspecs"
"""

MENU = '''
from sfn_fragments import hookspec

@hookspec
def sfn_fragments_diner_dishes(guest):
    """Add dishes."""
'''

#: Implements it.
COOK = """
from sfn_fragments import FragmentSpec, hookimpl

@hookimpl
def sfn_fragments_register():
    yield FragmentSpec("{name}.cook", "cook:Cook", "Cooks.")

@hookimpl
def sfn_fragments_diner_dishes({parameters}):
    {body}
"""


def diner(install: Install, menu: str = MENU, source: str = DINER) -> None:
    install(
        "diner-fragments",
        version="2.1",
        entry_points={"diner": "diner_plugin"},
        modules={"diner_plugin": source, "diner_hookspecs": menu},
    )


def cook(
    install: Install,
    name: str = "acme",
    parameters: str = "guest",
    body: str = "return [guest + ' soup']",
    source: str = COOK,
) -> None:
    """An implementer; by its name, before ``diner`` or after it."""
    install(
        f"{name}-cook",
        version="0.3",
        entry_points={name: f"{name}_plugin"},
        modules={
            f"{name}_plugin": source.format(name=name, parameters=parameters, body=body),
        },
    )


def marked(mark: str) -> str:
    """The implementer's source with this mark at its implementation."""
    plain = "@hookimpl\ndef sfn_fragments_diner"
    assert plain in COOK
    return COOK.replace(plain, plain.replace("@hookimpl", f"@hookimpl({mark}=True)"))


def specified(hook: str) -> bool:
    caller = getattr(get_registry().plugin_manager.hook, hook, None)
    return caller is not None and caller.has_spec()


def only_problem() -> Problem:
    [problem] = get_registry().problems()
    return problem


@pytest.mark.parametrize("name", ["acme", "zest"])
def test_a_hook_is_known_to_plugins_before_and_after_the_one_that_brings_it(
    install: Install, name: str
) -> None:
    cook(install, name)
    diner(install)
    registry = get_registry()
    assert registry.problems() == ()
    assert specified("sfn_fragments_diner_dishes")
    assert registry.plugin_manager.hook.sfn_fragments_diner_dishes(guest="an") == [["an soup"]]
    assert registry.offers("sfn_fragments_diner_dishes", str, guest="my") == ["my soup"]


def test_a_single_module_may_be_named_without_a_list(install: Install) -> None:
    diner(install, source=DINER.replace('yield "diner', 'return "diner'))
    assert get_registry().problems() == ()
    assert specified("sfn_fragments_diner_dishes")


@pytest.mark.parametrize("name", ["acme", "zest"])
def test_an_implementation_is_checked_wherever_it_comes(install: Install, name: str) -> None:
    cook(install, name, parameters="gusset")
    diner(install)
    problem = only_problem()
    assert (problem.plugin, problem.stage) == (name, "register")
    for part in (f"{name}-cook 0.3", "gusset", f"SFN_FRAGMENTS_DISABLE={name}"):
        assert part in str(problem)
    assert get_registry().names() == ("diner.eat",)
    assert get_registry().offers("sfn_fragments_diner_dishes", str, guest="my") == []


def test_a_plugin_may_implement_its_own_hook_and_those_of_others(install: Install) -> None:
    install(
        "both",
        entry_points={"both": "both_plugin"},
        modules={
            "both_plugin": DINER.replace("diner", "both")
            + "@hookimpl\ndef sfn_fragments_both_dishes():\n yield 'own'\n"
            + "@hookimpl\ndef sfn_fragments_diner_dishes(guest):\n yield guest\n",
            "both_hookspecs": MENU.replace("diner", "both"),
        },
    )
    diner(install)
    assert get_registry().problems() == ()
    assert get_registry().offers("sfn_fragments_both_dishes", str, guest="x") == ["own"]
    assert get_registry().offers("sfn_fragments_diner_dishes", str, guest="x") == ["x"]


@pytest.mark.parametrize("entry_point", ["eat-out", "eat.out"])
def test_an_entry_point_that_is_no_identifier_has_a_prefix_too(
    install: Install, entry_point: str
) -> None:
    source = "from sfn_fragments import hookimpl\n@hookimpl\n"
    install(
        "eat",
        entry_points={entry_point: "eat_plugin"},
        modules={
            "eat_plugin": source + "def sfn_fragments_hookspecs(): return ['eat_hookspecs']",
            "eat_hookspecs": MENU.replace("diner", "eat_out"),
        },
    )
    assert get_registry().problems() == ()
    assert specified("sfn_fragments_eat_out_dishes")


IMPORT = "from sfn_fragments import hookspec\n"


@few(5)
@pytest.mark.parametrize(
    ("menu", "message"),
    [
        ("import no_such_module_here", "ModuleNotFoundError: No module named 'no_such_module_her"),
        ("raise SystemExit('stop')", "SystemExit: stop"),
        ("", "has no function that is marked with @hookspec"),
        (
            "def sfn_fragments_diner_dishes(): '''Add dishes.'''",
            "sfn_fragments_diner_dishes is not marked with @hookspec",
        ),
        (
            MENU + "def sfn_fragments_diner_drinks(): '''Add drinks.'''",
            "sfn_fragments_diner_drinks is not marked with @hookspec",
        ),
        (
            IMPORT + "@hookspec\ndef dishes(): '''Add dishes.'''",
            "dishes does not begin with sfn_fragments_diner_",
        ),
        (
            IMPORT + "@hookspec\ndef sfn_fragments_dishes(): '''Add dishes.'''",
            "sfn_fragments_dishes does not begin with sfn_fragments_diner_",
        ),
        (
            IMPORT + "@hookspec\ndef sfn_fragments_job_runners(): '''Mine.'''",
            "sfn_fragments_job_runners does not begin with sfn_fragments_diner_",
        ),
        (
            IMPORT + "@hookspec\ndef sfn_fragments_checks(): '''Mine.'''",
            "sfn_fragments_checks is a hook of the core",
        ),
        (
            IMPORT + "@hookspec\ndef sfn_fragments_diner_dishes(): ...",
            "sfn_fragments_diner_dishes has no docstring",
        ),
        (
            IMPORT + "@hookspec\ndef one(): '''x'''\n@hookspec\ndef two(): '''x'''",
            "one does not begin with sfn_fragments_diner_, and two does not begin with",
        ),
    ],
)
def test_a_plugin_whose_hooks_are_wrong_is_refused_whole(
    install: Install, menu: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cook(install)
    diner(install, menu)
    problem = only_problem()
    assert (problem.plugin, problem.stage) == ("diner", "hookspecs")
    text = str(problem)
    for part in (
        "plugin 'diner' (diner-fragments 2.1, diner_plugin): hookspecs: ",
        "'diner_hookspecs'",
        message,
        "report it to the authors of diner-fragments, or leave it out with "
        "SFN_FRAGMENTS_DISABLE=diner",
    ):
        assert part in text
    # Nothing of it is there, and who implements its hook is not to blame.
    assert get_registry().names() == ("acme.cook",)
    assert not specified("sfn_fragments_diner_dishes")
    monkeypatch.setenv("SFN_FRAGMENTS_STRICT", "1")
    with pytest.raises(PluginError, match=r"diner-fragments 2\.1.*SFN_FRAGMENTS_DISABLE=diner"):
        get_registry().refresh()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("yield 3", "gives 3, which is no instance of str"),
        ("yield 'diner_hookspecs'; yield 'diner_hookspecs'", "is specified twice"),
        ("yield 'no_such_module_here'", "names 'no_such_module_here', which cannot be imported"),
        ("1 / 0", "ZeroDivisionError"),
        ("...", "TypeError"),
    ],
)
def test_what_names_the_modules_may_fail(install: Install, body: str, message: str) -> None:
    diner(install, source=DINER.replace('yield "diner_hookspecs"', body))
    assert (only_problem().plugin, only_problem().stage) == ("diner", "hookspecs")
    assert message in str(only_problem())
    assert get_registry().names() == ()


@pytest.mark.parametrize(
    ("addition", "stage"),
    [
        ("@hookimpl\ndef sfn_fragments_check(): ...", "register"),
        ("@hookimpl\ndef sfn_fragments_checks(surplus): ...", "register"),
        ("sfn_fragments_register = hookimpl(lambda: 1 / 0)", "declare"),
        ("raise RuntimeError", "import"),
    ],
)
def test_a_plugin_that_fails_takes_its_hooks_with_it(
    install: Install, addition: str, stage: str
) -> None:
    cook(install, "acme")
    cook(install, "zest")
    diner(install, source=DINER + addition)
    assert (only_problem().plugin, only_problem().stage) == ("diner", stage)
    assert get_registry().names() == ("acme.cook", "zest.cook")
    assert not specified("sfn_fragments_diner_dishes")


def test_the_same_hook_of_two_plugins_is_unusable_and_the_rest_works(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    cook(install)
    for name in ("one", "two"):
        menu = MENU + f"@hookspec\ndef sfn_fragments_diner_{name}(): '''Add some.'''\n"
        source = DINER.replace("diner.eat", f"diner.{name}")
        install(
            f"diner-{name}",
            entry_points={"diner": f"diner_{name}"},
            modules={
                f"diner_{name}": source.replace("diner_hookspecs", f"menu_{name}"),
                f"menu_{name}": menu,
            },
        )
    registry = get_registry()
    assert registry.names() == ("acme.cook", "diner.one", "diner.two")
    first, second = registry.problems()
    assert (first.distribution, first.stage) == ("diner-one", "conflict")
    assert (second.distribution, second.stage) == ("diner-two", "conflict")
    told = (
        "hook 'sfn_fragments_diner_dishes' cannot be used, since several plugins bring it: "
        "diner-one 1.0 (diner_one), diner-two 1.0 (diner_two); uninstall all but one of them"
    )
    assert str(first) == f"plugin 'diner' (diner-one 1.0, diner_one): conflict: {told}"
    assert not specified("sfn_fragments_diner_dishes")
    assert specified("sfn_fragments_diner_one")
    assert specified("sfn_fragments_diner_two")
    with pytest.raises(PluginError) as caught:
        registry.offers("sfn_fragments_diner_dishes", str, guest="my")
    assert str(caught.value) == told
    monkeypatch.setenv("SFN_FRAGMENTS_STRICT", "1")
    with pytest.raises(PluginError, match=r"diner-one 1\.0.*diner-two 1\.0"):
        registry.refresh()


def test_a_hook_of_a_plugin_that_is_left_out_is_not_reported(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    cook(install)
    diner(install)
    monkeypatch.setenv("SFN_FRAGMENTS_DISABLE", "core,batch,data_sync,efs,local,diner")
    registry = get_registry()
    assert registry.problems() == ()
    assert "acme.cook" in registry
    assert not specified("sfn_fragments_diner_dishes")


@pytest.mark.parametrize("hook", sorted(first_party.HOOKS))
def test_a_hook_of_an_absent_plugin_of_this_project_is_not_reported(
    install: Install, hook: str
) -> None:
    cook(install, source=COOK.replace("sfn_fragments_diner_dishes", hook), parameters="")
    assert get_registry().problems() == ()
    assert get_registry().names() == ("acme.cook",)


def test_a_hook_of_an_absent_plugin_of_others_is_told_apart_by_its_mark(install: Install) -> None:
    cook(install)
    cook(install, "zest", source=marked("optionalhook"))
    problem = only_problem()
    assert (problem.plugin, problem.stage) == ("acme", "register")
    assert "unknown hook 'sfn_fragments_diner_dishes'" in str(problem)
    assert "@hookimpl(optionalhook=True)" in str(problem)
    assert get_registry().names() == ("zest.cook",)
    diner(install)
    get_registry().refresh()
    assert get_registry().problems() == ()
    assert len(get_registry().offers("sfn_fragments_diner_dishes", str, guest="my")) == 2


def test_a_marked_implementation_is_checked_where_the_hook_is_known(install: Install) -> None:
    cook(install, source=marked("optionalhook"), parameters="gusset")
    diner(install)
    assert (only_problem().plugin, only_problem().stage) == ("acme", "register")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sfn_fragments_diner_dish", "sfn_fragments_diner_dishes"),
        ("sfn_fragments_job_runner", "sfn_fragments_job_runners"),
        ("sfn_fragments_role_statement", "sfn_fragments_role_statements"),
    ],
)
def test_a_misspelt_hook_is_refused_with_the_name_that_is_meant(
    install: Install, written: str, meant: str
) -> None:
    cook(install, source=COOK.replace("sfn_fragments_diner_dishes", written))
    diner(install)
    problem = only_problem()
    assert (problem.plugin, problem.stage) == ("acme", "register")
    assert f"unknown hook '{written}'; did you mean {meant}?" in str(problem)


def test_refresh_finds_hooks_and_forgets_them(install: Install, tmp_path: Path) -> None:
    cook(install, source=marked("optionalhook"))
    registry = get_registry()
    assert not specified("sfn_fragments_diner_dishes")
    diner(install)
    registry.refresh()
    assert specified("sfn_fragments_diner_dishes")
    shutil.rmtree(tmp_path / "diner_fragments-2.1.dist-info")
    registry.refresh()
    assert not specified("sfn_fragments_diner_dishes")
    assert registry.problems() == ()


def test_offers_come_in_the_order_of_pluggy(install: Install) -> None:
    first = marked("tryfirst")
    cook(install, "acme", body="yield 'a'; yield 'b'", source=first)
    cook(install, "bistro", parameters="", body="return None")
    cook(install, "carver", parameters="", body="return ()")
    cook(install, "eve", parameters="", body="return ['e']")
    cook(install, "zest", parameters="", body="return ['z']")
    diner(install)
    registry = get_registry()
    assert registry.offers("sfn_fragments_diner_dishes", str, guest="") == ["a", "b", "z", "e"]
    assert registry.offers("sfn_fragments_no_such_hook", str) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise RuntimeError('burnt')", "RuntimeError: burnt"),
        ("raise SystemExit('closed')", "SystemExit: closed"),
        ("yield 'soup'; raise RuntimeError('burnt')", "RuntimeError: burnt"),
        ("return 5", "TypeError: 'int' object is not iterable"),
        ("yield 5", "gives 5, which is no instance of str"),
        ("yield str", "gives <class 'str'>, which is no instance of str"),
    ],
)
def test_a_plugin_that_cannot_offer_is_named(install: Install, body: str, message: str) -> None:
    cook(install, body=body)
    diner(install)
    with pytest.raises(PluginError) as caught:
        get_registry().offers("sfn_fragments_diner_dishes", str, guest="my")
    text = str(caught.value)
    for part in (
        "plugin 'acme' (acme-cook 0.3, acme_plugin): sfn_fragments_diner_dishes (",
        "acme_plugin.py:",
        message,
        "report it to the authors of acme-cook, or leave it out with SFN_FRAGMENTS_DISABLE=acme",
    ):
        assert part in text


def test_a_plugin_that_was_registered_by_hand_is_named_as_pluggy_names_it(
    install: Install,
) -> None:
    from sfn_fragments import hookimpl

    class Stall:
        @hookimpl
        def sfn_fragments_diner_dishes(self) -> list[str]:
            raise RuntimeError("sold out")

    diner(install)
    get_registry().plugin_manager.register(Stall(), "stall")
    with pytest.raises(PluginError, match=r"plugin 'stall': sfn_fragments_diner.*sold out$"):
        get_registry().offers("sfn_fragments_diner_dishes", str, guest="my")
