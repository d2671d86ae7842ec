"""Which moves between statuses are allowed, and what each status means for the clock. Pure."""

NEW, OPEN, WAITING_CUSTOMER, WAITING_OTHERS, SOLVED, CLOSED = "new", "open", "waiting_customer", "waiting_others", "solved", "closed"

UNSOLVED = (NEW, OPEN, WAITING_CUSTOMER, WAITING_OTHERS)

MOVES: dict[str, frozenset[str]] = {
    NEW: frozenset({OPEN, WAITING_CUSTOMER, WAITING_OTHERS, SOLVED}),
    OPEN: frozenset({WAITING_CUSTOMER, WAITING_OTHERS, SOLVED}),
    WAITING_CUSTOMER: frozenset({OPEN, WAITING_OTHERS, SOLVED}),
    WAITING_OTHERS: frozenset({OPEN, WAITING_CUSTOMER, SOLVED}),
    SOLVED: frozenset({OPEN, WAITING_CUSTOMER, WAITING_OTHERS, CLOSED}),
    CLOSED: frozenset(),
}


def may_move(old: str, new: str) -> bool:
    """Closed is final (a reply makes a new ticket); nothing goes back to new; closing follows solving."""
    return new in MOVES[old]


def after_customer_message(status: str) -> str:
    """A customer's message puts the next move on our side; a ticket nobody has begun stays new."""
    return status if status in {NEW, OPEN} else OPEN


def after_our_reply(status: str) -> str:
    """A reply puts the next move on the customer's side unless the agent chose otherwise."""
    return status if status in {SOLVED, CLOSED} else WAITING_CUSTOMER
