"""How each language is compiled and run, and where its tools are on this machine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from interviews.coding import CodeLanguage

SEARCHED = (
    "/usr/local/bin:/usr/bin:/bin"  # not PATH: a virtual environment is none of the candidate's business
)
_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=48m", "-XX:-UsePerfData")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """`compile` makes of `file` what `run` runs, both in /task; `{memory}` is the task's limit, MB.

    `own_mb`: what the language itself needs beside the program's memory. `shared`: folders to be bound as
    they are; `libraries`: where its shared libraries are, as a sandbox has no cache of the linker's.
    """

    file: str
    run: tuple[str, ...]
    compile: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    own_mb: int = 32
    start_s: float = 0.1  # of the processor, until the program's first line
    threads: int = 16  # processes and threads together
    stack_mb: int = 8  # also of each thread, where it counts as memory
    shared: tuple[Path, ...] = ()
    libraries: tuple[str, ...] = ()
    hello: str = ""  # prints what it reads: whether all of this works is tried, not believed


class Missing(Exception):
    """A tool that a language needs is not installed."""


def toolchain(language: CodeLanguage) -> Toolchain:
    """Raises Missing."""
    return {"python": _python, "java": _java, "javascript": _javascript, "cpp": _cpp}[language]()


def _find(name: str) -> Path:
    found = shutil.which(name, path=SEARCHED)
    if found is None:
        raise Missing(f"{name} is not installed")
    return Path(found).resolve()


def _python() -> Toolchain:
    python = str(_find("python3"))
    return Toolchain(
        file="main.py",
        run=(python, "-I", "-B", "main.py"),
        compile=(python, "-I", "-B", "-c", "compile(open('main.py').read(), 'main.py', 'exec')"),
        version=(python, "--version"),
        hello="print(input())\n",
    )


def _java() -> Toolchain:
    home = _find("java").parent.parent
    if not (home / "bin" / "javac").exists():
        raise Missing("javac is not installed")
    # Debian keeps the configuration under /etc, and what is there of security is needed to start.
    security = (home / "conf" / "security" / "java.security").resolve()
    etc = [security.parent.parent] if security.parts[1] == "etc" else []
    java = str(home / "bin" / "java")
    return Toolchain(
        file="Main.java",
        run=(java, "-Xmx{memory}m", "-Xss16m", *_JVM, "-cp", ".", "Main"),
        compile=(
            str(home / "bin" / "javac"),
            *(f"-J{option}" for option in ("-Xmx256m", *_JVM)),
            *("-proc:none", "-encoding", "UTF-8", "-d", ".", "Main.java"),
        ),
        version=(java, "-version"),
        own_mb=256,
        start_s=1.0,
        threads=64,
        shared=(home, *etc),
        libraries=(str(home / "lib"), str(home / "lib" / "server")),
        hello=(
            "public class Main { public static void main(String[] a) "
            "{ System.out.println(new java.util.Scanner(System.in).nextLine()); } }\n"
        ),
    )


def _javascript() -> Toolchain:
    node = str(_find("node"))
    return Toolchain(
        file="main.js",
        run=(node, "--max-old-space-size={memory}", "main.js"),
        compile=(node, "--check", "main.js"),
        version=(node, "--version"),
        own_mb=256,
        start_s=0.5,
        threads=64,
        hello='console.log(require("fs").readFileSync(0, "utf8").trim());\n',
    )


def _cpp() -> Toolchain:
    compiler = str(_find("g++"))
    return Toolchain(
        file="main.cpp",
        run=("./main",),
        compile=(compiler, "-std=c++17", "-O2", "-pipe", "-o", "main", "main.cpp"),
        version=(compiler, "--version"),
        own_mb=16,
        stack_mb=64,
        hello=(
            "#include <iostream>\n#include <string>\n"
            "int main() { std::string s; std::getline(std::cin, s); std::cout << s << std::endl; }\n"
        ),
    )
