"""The pipeline's own shape: arrows between files, and names that both packages share."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "moodring_training"
MODELS = ("tagger/strided", "tagger/head", "timbre/frames", "timbre/notes")


def modules() -> dict[str, Path]:
    """All files by their dotted names, packages by their own."""
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The pipeline's files that a file imports, within functions too."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                whole = ".".join([*base, alias.name])
                found.add(whole if whole in known else ".".join(base))
    return found


@cache
def arrows() -> dict[str, set[str]]:
    known = modules()
    return {name: imports(name, path, known) for name, path in known.items()}


def test_no_file_imports_itself_by_way_of_others() -> None:
    graph, done = arrows(), set()

    def follow(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join([*way, name])
        if name not in done:
            for other in sorted(graph[name]):
                follow(other, (*way, name))
            done.add(name)

    for name in graph:
        follow(name, ())
    assert len(done) > 60


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ("shared", "tagger"),
        ("shared", "timbre"),
        ("tagger", "timbre"),
        ("timbre", "tagger"),
        ("timbre.frames", "timbre.notes"),
        ("timbre.notes", "timbre.frames"),
        ("tagger.strided", "tagger.head"),
        ("tagger.listeners", "tagger.strided"),
        ("tagger.listeners", "tagger.head"),
        ("tagger.material", "tagger.strided"),
        ("timbre.spectra", "timbre.frames"),
        ("tagger.labels", "tagger.listeners"),
        ("tagger.labels", "tagger.material"),
    ],
)
def test_a_package_keeps_to_its_arrows(inside: str, outside: str) -> None:
    graph = arrows()
    within = [name for name in graph if name.startswith(inside)]
    assert within
    for name in within:
        assert not [other for other in graph[name] if other.startswith(outside)], name


@pytest.mark.parametrize("model", MODELS)
def test_the_same_job_has_the_same_name_in_every_model(model: str) -> None:
    for job in ("config", "net", "objective", "train", "export"):
        assert (ROOT / model / f"{job}.py").is_file(), job


@pytest.mark.parametrize("package", ["tagger", "timbre"])
def test_a_package_has_the_steps_of_the_command_line(package: str) -> None:
    from moodring_training.__main__ import STEPS

    tree = ast.parse((ROOT / package / "steps.py").read_text(encoding="utf-8"))
    assert {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} == set(STEPS)


def test_no_file_is_long_and_no_folder_full() -> None:
    for path in modules().values():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
        assert len(list(path.parent.glob("*.py"))) <= 15, path.parent


def test_tensors_are_read_without_running_code() -> None:
    for path in modules().values():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
                assert "weights_only=True" in ast.unparse(node), path
