"""The closed list of what a webhook can hear: public name -> the event of the house."""

EVENTS = {
    "ticket.created": "tickets.TicketCreated",
    "message.received": "tickets.MessageReady",
    "ticket.replied": "tickets.Replied",
    "note.written": "tickets.NoteWritten",
    "ticket.changed": "tickets.TicketChanged",
    "ticket.merged": "tickets.TicketsMerged",
    "delivery.changed": "tickets.DeliveryChanged",
}
PUBLIC_NAMES = {internal: public for public, internal in EVENTS.items()}
