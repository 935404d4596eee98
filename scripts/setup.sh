#!/bin/sh
# Finds a Python that will do and sets the project up with it: .venv, dependencies, weights.
set -eu
cd "$(dirname "$0")/.."

will_do() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ -x .venv/bin/python ] && will_do .venv/bin/python; then
    exec .venv/bin/python scripts/setup.py
fi
# 3.11 first: it is the version every figure in the documents was measured with.
for python in ${PYTHON:-python3.11 python3 python3.12 python3.13 python3.14}; do
    if will_do "$python"; then
        exec "$python" scripts/setup.py
    fi
done
echo "setup: needs Python 3.11 or newer; found $(python3 --version 2>&1 || true)." \
    "Install it, or name one: make PYTHON=/path/to/python3.11 ..." >&2
exit 1
