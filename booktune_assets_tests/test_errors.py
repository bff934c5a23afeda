"""Every code says what happened; every error says what to do, on one printable line."""

from booktune_assets.errors import BookError, BooktuneError, Code, MissingPrerequisite, ServiceDown


def test_every_code_has_words() -> None:
    assert all(code.says and not code.says.endswith(".") for code in Code)


def test_an_error_is_one_printable_line_whatever_the_file_is_called() -> None:
    name = "line\nbreak \x1b[31m" + "n" * 300
    problem = BookError(Code.EMPTY_FILE, "Copy the file again.", file=name, pages=0)
    assert str(problem).startswith("EMPTY_FILE: the file has no bytes [file=line\\nbreak \\x1b[31m")
    assert str(problem).isprintable()
    assert len(str(problem)) < 300
    assert problem.as_row()["code"] == "EMPTY_FILE"


def test_one_tree_of_errors() -> None:
    for kind in (BookError, MissingPrerequisite, ServiceDown):
        assert issubclass(kind, BooktuneError)
