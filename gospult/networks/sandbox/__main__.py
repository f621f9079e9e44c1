"""`python -m gospult.networks.sandbox`: the sandbox as a process of its own."""

import argparse
import sys

from gospult.networks.sandbox import serve


def main(arguments: list[str] | None = None) -> int:
    """Run the sandbox; exit code 2 when the port is busy or an option is wrong."""
    parser = argparse.ArgumentParser(
        prog="gospult networks sandbox",
        description="Песочница сетей: отвечает как ВКонтакте, Одноклассники, Telegram и MAX и ведёт учёт опубликованного.",
    )
    parser.add_argument("--port", type=int, default=9000, help="порт на 127.0.0.1, 0 — любой свободный")
    parser.add_argument("--chaos", type=float, default=0.0, help="доля вызовов, которые срываются, от 0 до 1")
    parser.add_argument("--seed", type=int, default=1, help="зерно случайности сбоев")
    chosen = parser.parse_args(arguments)
    if not 0 <= chosen.chaos <= 1 or not 0 <= chosen.port <= 65535:
        parser.error("--chaos от 0 до 1, --port от 0 до 65535")
    try:
        serve(chosen.port, chaos=chosen.chaos, seed=chosen.seed, ready=lambda url: print(f"Песочница сетей: {url}", flush=True))
    except OSError:
        print(f"Порт {chosen.port} занят или недоступен: выберите другой, например --port {chosen.port + 1}.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
