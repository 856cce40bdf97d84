"""Steps of `make test` and `make check`: command, requirements and cost.

A suite runs tests and appears in the final table. A build only produces what suites need.
"""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Step:
    """One command, run in the root folder of the project."""

    name: str
    title: str
    command: tuple[str, ...]
    # Names of the steps that must pass first.
    needs: tuple[str, ...] = ()
    # Processors that the step uses; 0 when it mostly waits for downloads.
    cores: int = 1
    # Typical duration of a first run on two cores, in seconds.
    usual_seconds: int = 10
    is_suite: bool = False
    # Whether the suite takes only seconds; `make flake` repeats it more often.
    is_quick: bool = True
    # Whether `make flake` repeats the suite: not useful for formatting and compilation.
    can_flake: bool = True
    # Whether its output contains the number of passed tests; then zero tests is a failure.
    counts_tests: bool = False
    # A resource that one step at a time may use: cargo waits for another cargo in the same target folder.
    exclusive_resource: str = ""


DEBUG = "target/debug"


def build(
    name: str,
    title: str,
    *command: str,
    needs: str = "",
    cores: int = 1,
    usual_seconds: int,
    exclusive_resource: str = "",
) -> Step:
    return Step(
        name,
        title,
        command,
        tuple(needs.split()),
        cores,
        usual_seconds,
        exclusive_resource=exclusive_resource,
    )


def suite(
    name: str,
    title: str,
    *command: str,
    is_quick: bool = True,
    can_flake: bool = True,
    **options: Any,
) -> Step:
    return replace(
        build(name, title, *command, **options),
        is_suite=True,
        is_quick=is_quick,
        can_flake=can_flake,
        counts_tests=can_flake,
    )


# Start order when several steps are ready: steps that many others need come first.
TEST: tuple[Step, ...] = (
    *(
        build(
            name,
            f"the system's {title}",
            *("scripts/setup/system-tool.sh", name),
            cores=0,
            usual_seconds=20,
        )
        for name, title in (
            ("chromium", "Chromium"),
            ("redis", "Redis"),
            ("valgrind", "valgrind"),
        )
    ),
    build(
        "npm-packages",
        "npm packages; isolated-vm is compiled",
        "scripts/setup/node-deps-all.sh",
        cores=0,
        usual_seconds=130,
    ),
    build(
        "wasm",
        "the npm package: compiling WebAssembly for release",
        *("scripts/build/wasm.sh", "release"),
        usual_seconds=420,
    ),
    build(
        "wheel-library",
        "the wheel: compiling its library for release",
        *("scripts/build/wheel.sh", "library"),
        usual_seconds=400,
    ),
    suite(
        "format",
        "formatting",
        "scripts/lint/format.sh",
        usual_seconds=6,
        can_flake=False,
    ),
    build(
        "sandbox",
        "the sandbox, the Rust examples and the Python package, for development",
        *("scripts/build/development.sh", "native"),
        usual_seconds=150,
        exclusive_resource=DEBUG,
    ),
    suite(
        "demo",
        "make demo",
        "scripts/demo.sh",
        needs="sandbox npm-packages",
        usual_seconds=100,
        can_flake=False,
        exclusive_resource=DEBUG,
    ),
    suite(
        "rust",
        "Rust: units, properties, corpus, client and sandbox",
        "scripts/test/rust.sh",
        usual_seconds=300,
        is_quick=False,
        exclusive_resource=DEBUG,
    ),
    suite(
        "fuzz",
        "Rust: a short run of every fuzz target",
        *("scripts/test/fuzz.sh", "quick"),
        usual_seconds=60,
        exclusive_resource=DEBUG,
    ),
    suite(
        "lint",
        "clippy and rustdoc",
        "scripts/lint/rust.sh",
        usual_seconds=75,
        can_flake=False,
        exclusive_resource=DEBUG,
    ),
    suite(
        "counts",
        "instructions of the hot paths",
        *("scripts/bench/instruction-counts.sh", "check"),
        needs="valgrind",
        usual_seconds=65,
        can_flake=False,
    ),
    build(
        "npm",
        "the npm package, packed",
        "scripts/build/npm.sh",
        needs="wasm npm-packages",
        usual_seconds=5,
    ),
    build(
        "inspector-page",
        "the Inspector's page",
        "scripts/build/inspector.sh",
        needs="npm",
        usual_seconds=5,
    ),
    build(
        "wheel",
        "the wheel, packed with the Inspector",
        "scripts/build/wheel.sh",
        needs="wheel-library inspector-page",
        usual_seconds=5,
    ),
    suite(
        "python",
        "Python: the wheel",
        "scripts/test/python.sh",
        needs="wheel",
        usual_seconds=150,
        is_quick=False,
    ),
    suite(
        "service",
        "the webhook service: Redis, processes",
        "scripts/test/service.sh",
        needs="wheel redis",
        usual_seconds=60,
        is_quick=False,
    ),
    suite(
        "examples",
        "the README's code and every example",
        "scripts/test/examples.sh",
        needs="wheel npm sandbox",
        usual_seconds=12,
    ),
    suite(
        "node",
        "Node: the npm package",
        *("scripts/test/js.sh", "node"),
        needs="npm sandbox",
        usual_seconds=35,
        is_quick=False,
    ),
    suite(
        "browser",
        "Chromium: the npm package",
        *("scripts/test/js.sh", "browser"),
        needs="npm sandbox chromium",
        usual_seconds=15,
    ),
    suite(
        "bundlers",
        "bundlers and edge workers",
        *("scripts/test/js.sh", "bundlers"),
        needs="npm sandbox chromium",
        usual_seconds=15,
    ),
    suite(
        "isolate",
        "the Code-node script in a bare isolate",
        *("scripts/test/js.sh", "isolate"),
        needs="npm sandbox",
        usual_seconds=5,
    ),
    suite(
        "inspector",
        "the Inspector in Chromium",
        "scripts/test/inspector.sh",
        needs="inspector-page sandbox chromium",
        usual_seconds=75,
        is_quick=False,
    ),
    suite(
        "lint-wasm",
        "clippy on the WebAssembly binding",
        "scripts/lint/wasm.sh",
        needs="wasm",
        usual_seconds=90,
        can_flake=False,
    ),
)

CHECK: tuple[Step, ...] = (
    suite(
        "format",
        "formatting",
        "scripts/lint/format.sh",
        usual_seconds=3,
        can_flake=False,
    ),
    build(
        "native",
        "the sandbox, the examples and the Python package",
        *("scripts/build/development.sh", "native"),
        usual_seconds=30,
    ),
    build(
        "npm",
        "the npm package, for Node",
        *("scripts/build/development.sh", "npm"),
        needs="native",
        usual_seconds=30,
    ),
    suite(
        "lint",
        "clippy",
        *("scripts/lint/rust.sh", "quick"),
        usual_seconds=20,
        can_flake=False,
    ),
    suite(
        "rust",
        "Rust: units and corpus",
        *("scripts/test/rust.sh", "quick"),
        usual_seconds=30,
    ),
    suite(
        "python",
        "Python: units and corpus",
        *("scripts/test/python.sh", "quick"),
        needs="native",
        usual_seconds=20,
    ),
    suite(
        "node",
        "Node: units and corpus",
        *("scripts/test/js.sh", "quick"),
        needs="npm",
        usual_seconds=10,
    ),
)
