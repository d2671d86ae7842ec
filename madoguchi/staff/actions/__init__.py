"""Writes about our people, one file a verb family; this page lists what the rest of the house may call."""

from .access import (
    create_sign_in_link,
    create_token,
    prune,
    record_refused_sign_in,
    record_security_change,
    record_sign_in,
    revoke_token,
    send_later,
    touch_token,
    use_sign_in_link,
)
from .invitations import accept_invitation, invite, invite_again, withdraw_invitation
from .notices import digest_not_sent, digest_sent, notify, take_for_digest
from .people import (
    change_agent,
    change_profile,
    create_administrator,
    deactivate_agent,
    end_sessions,
    reactivate_agent,
    set_presence,
)
from .roles import change_role, check_may_hand_out, create_role, delete_role, ensure_roles
from .teams import delete_skill, delete_team, save_skill, save_team

__all__ = [
    "accept_invitation",
    "change_agent",
    "change_profile",
    "change_role",
    "check_may_hand_out",
    "create_administrator",
    "create_role",
    "create_sign_in_link",
    "create_token",
    "deactivate_agent",
    "delete_role",
    "delete_skill",
    "delete_team",
    "digest_not_sent",
    "digest_sent",
    "end_sessions",
    "ensure_roles",
    "invite",
    "invite_again",
    "notify",
    "prune",
    "reactivate_agent",
    "record_refused_sign_in",
    "record_security_change",
    "record_sign_in",
    "revoke_token",
    "save_skill",
    "save_team",
    "send_later",
    "set_presence",
    "take_for_digest",
    "touch_token",
    "use_sign_in_link",
    "withdraw_invitation",
]
