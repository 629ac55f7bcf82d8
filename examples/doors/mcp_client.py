"""Ask over the Model Context Protocol."""

import asyncio
import sys

from mcp import Client


async def main(url: str, question: str) -> None:
    """Ask one question and print the quotes."""
    async with Client(f"{url}/mcp") as client:
        answer = await client.call_tool("ask", {"question": question})
    print(answer.content[0].text)
    for cited in answer.structured_content["citations"]:
        print(cited["number"], cited["quote"])


asyncio.run(main(sys.argv[1], sys.argv[2]))
