"""What a hook is made of: reading a shell line, hiding secrets, matching quickly, finding the record."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pic.hook import call, marks, quick, redact, shell, where
from pic.model import glob


def refused(line: str) -> str:
    for one in shell.commands(line):
        if shell.needs_person(one):
            return "person"
        if kept := shell.touches_kept(one):
            return kept
    return ""


@pytest.mark.parametrize(
    "line",
    [
        "pic gate waive tests --because x",
        "cd src && pic gate waive tests --because x",
        "PIC_ACTOR=me pic undo --because x",
        "sudo -E env A=1 pic abandon --because x",
        "true; ./bin/pic conflict resolve CON-001 --because x",
        "python3 -m pic gate trust tests",
        "bash -c 'pic gate waive tests --because x'",
        'echo "$(pic person token)"',
        "echo `pic person token`",
        "eval pic undo --because x",
        "timeout 5 pic init --remove --yes",
        "pic init --rem --yes",
        "pic doctor --accept",
        "pic status --token guess",
        "pic gate \\\n waive tests --because x",
        "pic --json gate --as me waive tests",
    ],
)
def test_a_command_that_only_a_person_may_give_is_seen(line: str) -> None:
    assert refused(line) == "person"


@pytest.mark.parametrize(
    "line",
    [
        "echo x > .pic/log/a.jsonl",
        "echo x >> ./.pic/state.json",
        "cat a 2>.pic/x",
        "tee .pic/config.toml < a",
        "cp a .pic/config.toml",
        "rm -rf .pic",
        "sed -i s/a/b/ .pic/config.toml",
        "find .pic -name '*.md' -delete",
        "cd .pic && ls",
        "python3 -c \"open('.pic/x', 'w')\"",
        "git checkout HEAD~1 -- .pic/log",
        "bash -c 'echo x > .pic/y'",
        "ln -s .pic other",
        "touch .PIC/x",
        "mv .pic/log/a.jsonl /tmp/",
        "awk '{print > \".pic/x\"}' a",
    ],
)
def test_a_plain_write_into_the_record_is_seen(line: str) -> None:
    assert refused(line) == ".pic"


@pytest.mark.parametrize("line", ["rm -rf .git", "echo x > .git/config", "cp a sub/.git/hooks/pre-commit"])
def test_a_plain_write_into_gits_folder_is_seen(line: str) -> None:
    assert refused(line) == ".git"


@pytest.mark.parametrize(
    "line",
    [
        "cat .pic/config.toml | grep gates",
        "git add .pic && git commit -m 'rm .pic no more'",
        "git log --oneline -- .pic/log",
        "ls -la .pic/decisions",
        "find . -path ./.git -prune -o -name '*.py' -print",
        "grep -rn 'pic gate waive' docs",
        "echo 'only a person runs pic gate waive'",
        "pic gate run && pic handoff --notes 'undo is not needed'",
        "pic status; pic audit verify",
        "cat > docs/a.md <<'EOF'\nThe `.pic/` folder; pic undo --because x\nEOF",
        "git status && cat .gitignore",
        "topic=waive; echo $topic",
        "make -C src > build.log 2>&1",
    ],
)
def test_what_only_looks_like_it_is_let_be(line: str) -> None:
    assert refused(line) == ""


def test_a_line_with_an_open_quote_is_looked_at_loosely() -> None:
    with pytest.raises(ValueError, match="closing quotation"):
        list(shell.commands("echo 'x"))
    assert shell.suspicious("pic gate waive 'x")
    assert shell.suspicious("echo 'x > .pic/y")
    assert not shell.suspicious("echo 'it is fine")


def test_where_output_goes_is_told_from_what_a_shell_must_expand_first() -> None:
    [one] = shell.commands("make > out.txt 2>&1 2> $LOG > /dev/null")
    assert [name for name in one.targets if shell.plain_target(name)] == ["out.txt"]


SECRETS = [
    "sk-ant-REDACTED",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_known_by_its_shape(secret: str) -> None:
    kept = redact.text(f"before {secret} after")
    assert kept == "before [redacted] after"


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("export API_KEY=hunter2hunter2", "hunter2hunter2"),
        ("curl -H 'Authorization: Bearer abc.def-ghi'", "abc.def-ghi"),
        ("git clone https://me:pa55word@example.org/x", "pa55word"),
        ("login --password hunter2", "hunter2"),
        ("login --token=hunter2x", "hunter2x"),
        ('{"client_secret": "abcdef123"}', "abcdef123"),
        ("PGPASSWORD=s3cret psql", "s3cret"),
    ],
)
def test_a_secret_is_known_by_what_stands_before_it(line: str, hidden: str) -> None:
    assert hidden not in redact.text(line)
    assert redact.HIDDEN in redact.text(line)


def test_an_input_is_kept_small_in_every_direction() -> None:
    deep: Any = "x"
    for _ in range(50):
        deep = {"a": deep}
    given = {"content": "y" * 10_000_000, "list": list(range(10_000)), "deep": deep, "password": "p", "odd": math.inf}
    given |= {str(number): number for number in range(1000)}
    kept = json.dumps(redact.value(given), allow_nan=False)
    assert len(kept) < 4000
    assert "(10,000,000 characters)" in kept
    assert json.loads(kept)["password"] == redact.HIDDEN


def test_half_a_character_is_no_reason_to_fail() -> None:
    assert json.dumps(redact.value({"text": "a\ud800b"})).encode("utf-8")


NAMES = st.lists(st.sampled_from(["a", "b.py", "src", "x-y", ".z"]), min_size=1, max_size=4).map("/".join)
GLOBS = st.lists(st.sampled_from(["*", "**", "**/", "?", "/", "a", "b", ".py", "src", "!"]), max_size=5).map("".join)


@given(NAMES, st.lists(GLOBS, max_size=3))
def test_globs_are_matched_as_the_rules_match_them(name: str, globs: list[str]) -> None:
    assert quick.listed(name, globs) == glob.listed(name, globs)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(VALUES)
def test_json_is_read_as_the_library_reads_it(value: Any) -> None:
    raw = json.dumps(value, indent=1).encode("utf-8", "surrogatepass")
    assert quick.loads(raw) == json.loads(raw)


@pytest.mark.parametrize("raw", [b"", b"  ", b"{", b"{} {}", b"nope", b'{"a": }', b"\xff\xfe", b"[1,]"])
def test_what_is_no_json_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        quick.loads(raw)


def test_the_record_is_found_from_below_and_not_beyond_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".pic/log").mkdir(parents=True)
    inner = tmp_path / "vendor/other"
    (inner / ".git").mkdir(parents=True)
    (tmp_path / "src/deep").mkdir(parents=True)
    assert where.record(str(tmp_path / "src/deep")) == (str(tmp_path), str(tmp_path / ".git"))
    assert where.record(str(inner)) == ("", "")
    assert where.record("/") == ("", "")


def test_a_mark_is_kept_whatever_a_call_is_called(tmp_path: Path) -> None:
    for name in ("toolu_1", "../../etc/x", "", "a" * 500, "日本"):
        marks.begin(str(tmp_path), name)
        assert marks.end(str(tmp_path), name) is not None
        assert marks.end(str(tmp_path), name) is None
    assert {path.name for path in tmp_path.iterdir()} == {"pic"}


@pytest.mark.parametrize(
    ("agent", "role"),
    [("pic:pic-research", "research"), ("pic-review", "review"), ("Explore", ""), ("", ""), ("pic:other", "")],
)
def test_a_pilot_is_known_by_its_agents_name(agent: str, role: str) -> None:
    assert call.Call("Read", {}, {"agent_type": agent}).role == role


def test_what_a_call_writes_is_told_by_the_tool() -> None:
    assert call.Call("Write", {"file_path": "a"}, {}).written() == ["a"]
    assert call.Call("NotebookEdit", {"notebook_path": "b"}, {}).written() == ["b"]
    assert call.Call("mcp__files__write", {"path": "file:///c", "text": "d"}, {}).written() == ["/c"]
    assert call.Call("Read", {"file_path": "a"}, {}).written() == []


def test_every_pattern_of_a_closed_folder_is_one_path_component() -> None:
    assert not any(re.search(r"\.pic", name) and refused(f"rm {name}") for name in ("a.picture", "x.pics/y", "topic/z"))
