"""Run by the official client's own environment: drives `pic mcp` as the words on the command line say, answers in JSON.

python mcp_client.py MODE SERVER... < steps.json > answers.json
"""

import asyncio
import json
import sys
from typing import Any

from mcp import Client, StdioServerParameters, stdio_client


async def step(client: Any, asked: list[Any]) -> Any:
    """One method of the client with its arguments; an error of the protocol is an answer too."""
    try:
        answer = await getattr(client, asked[0])(*asked[1:])
    except Exception as error:  # noqa: BLE001  the test says which it expects
        return {"raised": f"{type(error).__name__}: {error}"}
    return answer.model_dump(mode="json", by_alias=True)


async def main(mode: str, server: list[str]) -> None:
    """All steps, in one connection."""
    parameters = StdioServerParameters(command=server[0], args=server[1:])
    async with Client(stdio_client(parameters), mode=mode) as client:
        answers = [await step(client, asked) for asked in json.load(sys.stdin)]
    print(json.dumps(answers))


asyncio.run(main(sys.argv[1], sys.argv[2:]))
