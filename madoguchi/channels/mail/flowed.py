"""format=flowed and DelSp (RFC 3676)."""


def unflow(text: str, *, delsp: bool) -> str:
    """Join soft-broken lines of one quote depth; take out the stuffed spaces."""
    out: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = 0
        while depth < len(line) and line[depth] == ">":
            depth += 1
        body = line[depth:] if depth else line
        body = body.removeprefix(" ")
        flows = body.endswith(" ") and body != "-- "
        if flows and delsp:
            body = body[:-1]
        if open_depth == depth and body != "-- ":
            out[-1].append(body)
        else:
            out.append([">" * depth, " ", body] if depth else [body])
        open_depth = depth if flows else -1
    return "\n".join(map("".join, out))
