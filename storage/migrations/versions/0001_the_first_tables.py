"""The first tables."""

import sqlalchemy as sa
from alembic import op

from storage import base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slack_id", sa.String(length=32), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.String(length=32), nullable=False),
        sa.Column("entered", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_last"), ["last"], unique=False)
        batch_op.create_index(batch_op.f("ix_absence_slack_id"), ["slack_id"], unique=False)

    op.create_table(
        "body",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_body")),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint("role", "who", name=op.f("uq_duty_role_who")),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_role"), ["role"], unique=False)

    op.create_table(
        "fact",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_fact")),
    )
    op.create_table(
        "group",
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("seen", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_group")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("opened", base.UtcDateTime(), nullable=False),
        sa.Column("began", base.UtcDateTime(), nullable=True),
        sa.Column("ended", base.UtcDateTime(), nullable=True),
        sa.Column("next_at", base.UtcDateTime(), nullable=True),
        sa.Column("watcher", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_next_at"), ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_state"), ["state"], unique=False)

    op.create_table(
        "lane",
        sa.Column("via", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("until", base.UtcDateTime(), nullable=False),
        sa.Column("pauses", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("via", name=op.f("pk_lane")),
    )
    op.create_table(
        "log_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entry")),
        sa.UniqueConstraint("case", "seq", name=op.f("uq_log_entry_case_seq")),
    )
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_log_entry_at"), ["at"], unique=False)

    op.create_table(
        "log_head",
        sa.Column("case", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_log_head")),
    )
    op.create_table(
        "log_seal",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_log_seal")),
    )
    op.create_table(
        "member",
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("slack_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "slack_id", name=op.f("pk_member")),
    )
    op.create_table(
        "outside_warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("ident", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("called", sa.Integer(), nullable=False),
        sa.Column("same_as", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("expires", base.UtcDateTime(), nullable=True),
        sa.Column("seen", base.UtcDateTime(), nullable=False),
        sa.Column("changed", base.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('active', 'cancelled', 'expired', 'gone', 'elsewhere')", name="ck_outside_warning_state"
        ),
        sa.ForeignKeyConstraint(["same_as"], ["outside_warning.id"], name=op.f("fk_outside_warning_same_as")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_warning")),
        sa.UniqueConstraint("source", "ident", name=op.f("uq_outside_warning_source_ident")),
    )
    with op.batch_alter_table("outside_warning", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outside_warning_changed"), ["changed"], unique=False)
        batch_op.create_index(batch_op.f("ix_outside_warning_same_as"), ["same_as"], unique=False)

    op.create_table(
        "person",
        sa.Column("slack_id", sa.String(length=32), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("foreign", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=True),
        sa.Column("seen", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("slack_id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_email"), ["email"], unique=False)

    op.create_table(
        "seen_event",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("seen", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_seen_event")),
    )
    with op.batch_alter_table("seen_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seen_event_seen"), ["seen"], unique=False)

    op.create_table(
        "slot",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("claimed", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("job", "day", "recipient", name=op.f("pk_slot")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("board", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=True),
        sa.Column("head", sa.String(length=254), nullable=True),
        sa.Column("head_name", sa.String(length=120), nullable=False),
        sa.Column("head_title", sa.String(length=60), nullable=False),
        sa.Column("deputy", sa.String(length=254), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("name", name=op.f("uq_unit_name")),
    )
    op.create_table(
        "warning_feed",
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("next_at", base.UtcDateTime(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("odd", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.Column("since", base.UtcDateTime(), nullable=True),
        sa.Column("heard", base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_warning_feed")),
    )
    op.create_table(
        "watch",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("received", base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_watch")),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("approved_by", sa.String(length=32), nullable=True),
        sa.Column("approved", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_answer_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("draft", sa.String(length=32), nullable=True),
        sa.Column("requester", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("head_unit_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created", base.UtcDateTime(), nullable=False),
        sa.Column("asked", base.UtcDateTime(), nullable=False),
        sa.Column("expires", base.UtcDateTime(), nullable=True),
        sa.Column("left_s", sa.Integer(), nullable=True),
        sa.Column("closed", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["head_unit_id"], ["unit.id"], name=op.f("fk_application_head_unit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_application_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("draft", name=op.f("uq_application_draft")),
        sa.UniqueConstraint("reference", name=op.f("uq_application_reference")),
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_requester"), ["requester"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "bulletin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("asked", base.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("decided", base.UtcDateTime(), nullable=True),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("anew", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("without_site_s", sa.Integer(), nullable=True),
        sa.Column("stopped_by", sa.String(length=32), nullable=True),
        sa.Column("stopped", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_bulletin_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_bulletin_incident_id_number")),
    )
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bulletin_state"), ["state"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_note_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("via", sa.String(length=32), nullable=False),
        sa.Column("dest", sa.String(length=80), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("after_id", sa.Integer(), nullable=True),
        sa.Column("after_until", base.UtcDateTime(), nullable=True),
        sa.Column("verb", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=True),
        sa.Column("card", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("prio", sa.Integer(), nullable=False),
        sa.Column(
            "topic",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("due", base.UtcDateTime(), nullable=False),
        sa.Column("dies", base.UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("aside", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("started", base.UtcDateTime(), nullable=True),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("remote", sa.String(length=200), nullable=True),
        sa.Column("place", sa.String(length=80), nullable=True),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("readback", sa.Boolean(), nullable=False),
        sa.Column("seen", base.UtcDateTime(), nullable=True),
        sa.Column(
            "watch",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("want", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("fallback", sa.String(length=80), nullable=True),
        sa.Column("created", base.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'unknown', 'asking', 'done', 'refused', 'dropped')",
            name="ck_post_state",
        ),
        sa.CheckConstraint("verb IN ('send', 'update', 'remove')", name="ck_post_verb"),
        sa.ForeignKeyConstraint(["after_id"], ["post.id"], name=op.f("fk_post_after_id")),
        sa.ForeignKeyConstraint(["body"], ["body.hash"], name=op.f("fk_post_body")),
        sa.ForeignKeyConstraint(["origin"], ["post.id"], name=op.f("fk_post_origin")),
        sa.ForeignKeyConstraint(["thread_id"], ["post.id"], name=op.f("fk_post_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("key", name=op.f("uq_post_key")),
        sa.UniqueConstraint("kind", "topic", "dest", "seq", name=op.f("uq_post_kind_topic_dest_seq")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_after_id"), ["after_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_origin"), ["origin"], unique=False)
        batch_op.create_index("ix_post_queue", ["via", "state", "prio", "id"], unique=False)
        batch_op.create_index(
            "ix_post_readback",
            ["via", "prio", "id"],
            unique=False,
            sqlite_where=sa.text("readback"),
            postgresql_where=sa.text("readback"),
        )
        batch_op.create_index(
            "ix_post_stale",
            ["via", "prio", "id"],
            unique=False,
            sqlite_where=sa.text("want > shown"),
            postgresql_where=sa.text("want > shown"),
        )
        batch_op.create_index("ix_post_thread", ["thread_id", "state", "id"], unique=False)
        batch_op.create_index("ix_post_topic", ["topic", "dest", "seq"], unique=False)

    op.create_table(
        "press_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("newsroom", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("due", base.UtcDateTime(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("done", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_press_call_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_call")),
    )
    with op.batch_alter_table("press_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_press_call_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_receipt_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "person", name=op.f("pk_receipt")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("substitute", sa.String(length=32), nullable=True),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("login_place", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.String(length=32), nullable=False),
        sa.Column("entered", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_account_application_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_account_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("application_id", name=op.f("uq_account_application_id")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_owner"), ["owner"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("gate", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided", base.UtcDateTime(), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("answered", sa.Date(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("remind", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_decision_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint(
            "application_id", "version", "gate", name=op.f("uq_decision_application_id_version_gate")
        ),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_remind"), ["remind"], unique=False)

    op.create_table(
        "draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("saved", base.UtcDateTime(), nullable=False),
        sa.Column("expires", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_draft_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_person"), ["person"], unique=False)

    op.create_table(
        "handwork",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("due", base.UtcDateTime(), nullable=False),
        sa.Column("done", base.UtcDateTime(), nullable=True),
        sa.Column("done_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_handwork_bulletin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handwork")),
        sa.UniqueConstraint("bulletin_id", "channel", name=op.f("uq_handwork_bulletin_id_channel")),
    )
    with op.batch_alter_table("handwork", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handwork_bulletin_id"), ["bulletin_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("handwork", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handwork_bulletin_id"))

    op.drop_table("handwork")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_person"))
        batch_op.drop_index(batch_op.f("ix_draft_expires"))

    op.drop_table("draft")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_remind"))
        batch_op.drop_index(batch_op.f("ix_decision_application_id"))

    op.drop_table("decision")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_unit_id"))
        batch_op.drop_index(batch_op.f("ix_account_state"))
        batch_op.drop_index(batch_op.f("ix_account_owner"))

    op.drop_table("account")
    op.drop_table("receipt")
    with op.batch_alter_table("press_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_press_call_incident_id"))

    op.drop_table("press_call")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index("ix_post_topic")
        batch_op.drop_index("ix_post_thread")
        batch_op.drop_index(
            "ix_post_stale", sqlite_where=sa.text("want > shown"), postgresql_where=sa.text("want > shown")
        )
        batch_op.drop_index(
            "ix_post_readback", sqlite_where=sa.text("readback"), postgresql_where=sa.text("readback")
        )
        batch_op.drop_index("ix_post_queue")
        batch_op.drop_index(batch_op.f("ix_post_origin"))
        batch_op.drop_index(batch_op.f("ix_post_after_id"))

    op.drop_table("post")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_incident_id"))

    op.drop_table("note")
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulletin_state"))
        batch_op.drop_index(batch_op.f("ix_bulletin_incident_id"))

    op.drop_table("bulletin")
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_unit_id"))
        batch_op.drop_index(batch_op.f("ix_application_state"))
        batch_op.drop_index(batch_op.f("ix_application_requester"))
        batch_op.drop_index(batch_op.f("ix_application_expires"))

    op.drop_table("application")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_incident_id"))

    op.drop_table("answer")
    op.drop_table("watch")
    op.drop_table("warning_feed")
    op.drop_table("unit")
    op.drop_table("slot")
    with op.batch_alter_table("seen_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seen_event_seen"))

    op.drop_table("seen_event")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_email"))

    op.drop_table("person")
    with op.batch_alter_table("outside_warning", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outside_warning_same_as"))
        batch_op.drop_index(batch_op.f("ix_outside_warning_changed"))

    op.drop_table("outside_warning")
    op.drop_table("member")
    op.drop_table("log_seal")
    op.drop_table("log_head")
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_log_entry_at"))

    op.drop_table("log_entry")
    op.drop_table("lane")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_state"))
        batch_op.drop_index(batch_op.f("ix_incident_next_at"))

    op.drop_table("incident")
    op.drop_table("group")
    op.drop_table("fact")
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duty_role"))

    op.drop_table("duty")
    op.drop_table("body")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_slack_id"))
        batch_op.drop_index(batch_op.f("ix_absence_last"))

    op.drop_table("absence")
