"""Tests of the output parser. `scripts/lint/format.sh` runs them, because they take less than a second."""

import unittest

import results

NEXTEST = """
        FAIL [   0.946s] (157/294) cognigy-context::bulk a_test
     Summary [  54.259s] 158/294 tests run: 157 passed (5 slow), 1 failed, 0 skipped
"""
CARGO = """
test kinds::a_test ... FAILED
test kinds::another ... ignored, takes long
test result: FAILED. 27 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 3.87s
test result: ok. 6 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.70s
"""
PYTEST = """
SKIPPED [2] tests/python/test_exit.py:12: needs fork
FAILED tests/python/test_exit.py::test_it - assert 1 == 2
=========== 1 failed, 2395 passed, 2 skipped in 357.31s (0:05:57) ===========
"""
PYTEST_QUIET = "2399 passed, 83 deselected in 98.12s (0:01:38)\n"
NODE = """
✖ the package loads (12.5ms)
﹣ left out (0.1ms) # no wasm here
ℹ tests 3
ℹ pass 1
ℹ fail 1
ℹ skipped 1
"""
OWN = "skipped: instruction counts: no valgrind\n18 passed, 0 failed\n"


class ReadTest(unittest.TestCase):
    def check(
        self, log: str, tests: int, failed: list[str], skipped: list[str]
    ) -> None:
        outcome = results.read(log)
        self.assertEqual(
            (outcome.tests, outcome.failed, outcome.skipped), (tests, failed, skipped)
        )

    def test_nextest(self) -> None:
        self.check(NEXTEST, 157, ["cognigy-context::bulk a_test"], [])

    def test_cargo(self) -> None:
        self.check(CARGO, 33, ["kinds::a_test"], ["kinds::another: takes long"])

    def test_pytest(self) -> None:
        name = "tests/python/test_exit.py::test_it"
        reason = "[2] tests/python/test_exit.py:12: needs fork"
        self.check(PYTEST, 2395, [name], [reason])
        self.check(PYTEST_QUIET, 2399, [], [])

    def test_node(self) -> None:
        self.check(NODE, 1, ["the package loads"], ["left out: no wasm here"])

    def test_own_scripts(self) -> None:
        self.check(OWN, 18, [], ["instruction counts: no valgrind"])


if __name__ == "__main__":
    unittest.main()
