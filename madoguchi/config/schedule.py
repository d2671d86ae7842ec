"""All timed work on one page."""

from datetime import timedelta

from madoguchi.foundation.timers import Entry

SCHEDULE: list[Entry] = [
    Entry("demo_mail", timedelta(seconds=40), "madoguchi.console.demo.actions.flow"),
    Entry("mail_digests", timedelta(minutes=1), "madoguchi.console.jobs.mail_digests"),
    Entry("api_prune", timedelta(hours=1), "madoguchi.api.actions.prune"),
    Entry("prune", timedelta(minutes=5), "madoguchi.config.housekeeping.prune"),
    Entry("visitors_by_mail", timedelta(seconds=30), "madoguchi.webchat.jobs.recognise_by_mail"),
    Entry("absent_visitors", timedelta(seconds=30), "madoguchi.webchat.jobs.look_after_absent"),
    Entry("close_solved", timedelta(minutes=10), "madoguchi.tickets.actions.close_solved"),
    Entry("knowledge_dates", timedelta(seconds=30), "madoguchi.knowledge.jobs.keep_dates"),
    Entry("protection_dates", timedelta(minutes=1), "madoguchi.protection.jobs.keep_dates"),
    Entry("promises", timedelta(seconds=30), "madoguchi.promises.jobs.look_at_time"),
    Entry("assistant_settles", timedelta(minutes=5), "madoguchi.bot.jobs.settle"),
    Entry("followups", timedelta(minutes=1), "madoguchi.followups.jobs.look_at_time"),
    Entry("surveys", timedelta(minutes=1), "madoguchi.surveys.jobs.send_due"),
    Entry("sla_alarms", timedelta(seconds=15), "madoguchi.sla.jobs.sound_alarms"),
    Entry("routing_queue", timedelta(seconds=15), "madoguchi.routing.jobs.look_at_queue"),
    Entry("timed_triggers", timedelta(minutes=1), "madoguchi.automation.jobs.look_at_time"),
]
