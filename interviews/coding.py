"""What a coding question asks: languages, starter code, and test cases (input and output)."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

CodeLanguage = Literal["python", "java", "javascript", "cpp"]
LANGUAGES: tuple[CodeLanguage, ...] = get_args(CodeLanguage)
MAX_SOURCE = 64 * 1024  # bytes of UTF-8
MAX_TEXT = 8 * 1024  # characters of a case's input, and of its output
MAX_CASES = 30
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
Source = Annotated[str, StringConstraints(max_length=MAX_SOURCE)]

_STARTER: dict[CodeLanguage, str] = {
    "python": "import sys\n\n\ndef main():\n    data = sys.stdin.read()\n    print(data)\n\n\nmain()\n",
    "java": (
        "import java.util.*;\n\npublic class Main {\n    public static void main(String[] args) {\n"
        "        Scanner in = new Scanner(System.in);\n        System.out.println();\n    }\n}\n"
    ),
    "javascript": 'const data = require("fs").readFileSync(0, "utf8");\nconsole.log(data);\n',
    "cpp": "#include <iostream>\n#include <string>\nusing namespace std;\n\nint main() {\n    return 0;\n}\n",
}


class TestCase(BaseModel):
    """A program that reads `stdin` should print `expected`; blanks at the ends of lines do not matter.

    `weight`: its part in the score, relative to the other cases. A hidden case is not shown to the candidate.
    """

    __test__ = False  # pytest takes classes of this name for its own
    model_config = ConfigDict(frozen=True, extra="forbid")

    stdin: Text = ""
    expected: Text
    visible: bool = False
    weight: float = Field(default=1.0, gt=0, le=100)


class CodingTask(BaseModel):
    """Without cases the code is not run at its submission: people read it. Limits hold for each case.

    `time_s` is time of the processor, so a busy server fails nobody; `memory_mb` what the program may hold
    beside what its language itself needs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: tuple[CodeLanguage, ...] = Field(default=LANGUAGES, min_length=1, max_length=len(LANGUAGES))
    starter: dict[CodeLanguage, Annotated[str, StringConstraints(max_length=MAX_TEXT)]] = Field(
        default_factory=dict, description="by language; without it a program that reads its input"
    )
    cases: tuple[TestCase, ...] = Field(default=(), max_length=MAX_CASES)
    time_s: float = Field(default=2.0, ge=0.1, le=10)
    memory_mb: int = Field(default=128, ge=16, le=512)
    hidden_cases: int = Field(
        default=0, ge=0, le=MAX_CASES, description="how many are left out, where the candidate is told"
    )

    @model_validator(mode="after")
    def _whole(self) -> CodingTask:
        if len(set(self.languages)) != len(self.languages):
            raise ValueError("a language is offered twice")
        if unknown := set(self.starter) - set(self.languages):
            raise ValueError(f"starter code in {sorted(unknown)[0]}, which is not offered")
        return self

    def starter_in(self, language: CodeLanguage) -> str:
        return self.starter.get(language, _STARTER[language])

    @property
    def visible(self) -> tuple[TestCase, ...]:
        return tuple(case for case in self.cases if case.visible)


def shown_to_candidate(task: CodingTask | None) -> CodingTask | None:
    """Without the hidden cases and without weights, and with starter code in every language."""
    if task is None:
        return None
    return task.model_copy(
        update={
            "cases": tuple(case.model_copy(update={"weight": 1.0}) for case in task.visible),
            "hidden_cases": len(task.cases) - len(task.visible),
            "starter": {language: task.starter_in(language) for language in task.languages},
        }
    )


def normalised(output: str) -> str:
    """Without blanks at the ends of lines and of the whole, with one kind of line break."""
    lines = output.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


def same_output(printed: str, expected: str) -> bool:
    return normalised(printed) == normalised(expected)
