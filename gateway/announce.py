"""What `viva serve` prints when it has begun."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.panel import Panel

from gateway.desk import SETUP
from gateway.settings import Settings
from gateway.tls import lan_addresses


def announce(settings: Settings, url: str, api_token: str, console: Console) -> None:
    """Where people go. The token travels in the fragment, which no server and no log ever sees."""
    urls = [settings.public_url.rstrip("/")] if settings.public_url else [url]
    if settings.host in ("0.0.0.0", "::") and not settings.public_url:  # noqa: S104
        scheme, port = url.split(":")[0], url.rsplit(":", 1)[1]
        urls += [f"{scheme}://{a if ':' not in a else f'[{a}]'}:{port}" for a in lan_addresses()]
    lines = [f"HR 面试官    {one}/hr#t={api_token}" for one in urls]
    lines.append(f"登录 Sign in  {urls[0]}/signin")
    if (setup := settings.data / SETUP).exists():
        lines.append(f"The code for the first administrator is in {setup}")
    lines.append(f"API          {urls[0]}/openapi.json")
    if not url.startswith("https") and len(urls) > 1:
        lines.append("Other devices get no camera without TLS: start with --tls self-signed")
    # Plain print: a console narrower than a token must not break the address.
    console.print(Panel.fit("Viva", subtitle="starting the models …"), highlight=False)
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
