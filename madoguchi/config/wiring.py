"""Event -> handlers: the whole list. Handlers run as jobs, in no promised order, once per event and handler."""

WIRING: dict[str, list[str]] = {
    "tickets.TicketCreated": [
        "madoguchi.sla.handlers.ticket_created",
        "madoguchi.routing.handlers.ticket_created",
        "madoguchi.automation.handlers.ticket_created",
        "madoguchi.api.handlers.announce",
    ],
    "tickets.MessageReceived": [
        "madoguchi.sla.handlers.message_received",
    ],
    "tickets.MessageReady": [
        "madoguchi.protection.handlers.message_ready",
        "madoguchi.routing.handlers.message_ready",
        "madoguchi.bot.handlers.message_ready",
        "madoguchi.intake.acknowledge.acknowledge",
        "madoguchi.automation.handlers.message_ready",
        "madoguchi.api.handlers.announce",
    ],
    "tickets.Replied": [
        "madoguchi.bot.handlers.replied",
        "madoguchi.sla.handlers.replied",
        "madoguchi.promises.handlers.replied",
        "madoguchi.automation.handlers.replied",
        "madoguchi.api.handlers.announce",
        "madoguchi.webchat.handlers.replied",
    ],
    "tickets.NoteWritten": [
        "madoguchi.automation.handlers.note_written",
        "madoguchi.api.handlers.announce",
    ],
    "tickets.DeliveryChanged": [
        "madoguchi.sla.handlers.delivery_changed",
        "madoguchi.api.handlers.announce",
    ],
    "tickets.TicketChanged": [
        "madoguchi.sla.handlers.ticket_changed",
        "madoguchi.routing.handlers.ticket_changed",
        "madoguchi.followups.handlers.ticket_changed",
        "madoguchi.surveys.handlers.ticket_changed",
        "madoguchi.automation.handlers.ticket_changed",
        "madoguchi.api.handlers.announce",
        "madoguchi.webchat.handlers.ticket_changed",
    ],
    "tickets.TicketSplit": [
        "madoguchi.sla.handlers.ticket_split",
        "madoguchi.api.handlers.announce",
    ],
    "tickets.TicketsMerged": [
        "madoguchi.sla.handlers.tickets_merged",
        "madoguchi.api.handlers.announce",
        "madoguchi.webchat.handlers.tickets_merged",
    ],
    "tickets.TicketsUnmerged": [
        "madoguchi.sla.handlers.tickets_unmerged",
        "madoguchi.api.handlers.announce",
        "madoguchi.webchat.handlers.tickets_unmerged",
    ],
    "tickets.MessageRedacted": [
        "madoguchi.promises.handlers.redacted",
    ],
    "sla.PoliciesChanged": [
        "madoguchi.sla.handlers.rules_changed",
    ],
    "sla.DeadlineWarned": [
        "madoguchi.automation.handlers.deadline_warned",
    ],
    "sla.DeadlineBreached": [
        "madoguchi.automation.handlers.deadline_breached",
    ],
    "staff.AgentDeactivated": [
        "madoguchi.routing.handlers.agent_deactivated",
    ],
    "staff.PresenceChanged": [
        "madoguchi.routing.handlers.presence_changed",
    ],
    "bot.HandedOver": [
        "madoguchi.routing.handlers.handed_over",
        "madoguchi.webchat.handlers.handed_over",
    ],
    "bot.LeftToPeople": [
        "madoguchi.routing.handlers.left_to_people",
    ],
    "knowledge.ArticleChanged": [
        "madoguchi.knowledge.handlers.article_changed",
    ],
    "knowledge.TranslationChanged": [
        "madoguchi.knowledge.handlers.article_changed",
    ],
    "workplace.CalendarChanged": [
        "madoguchi.sla.handlers.rules_changed",
    ],
}
