"""Topics, standard replies, forwarding and figures."""

import sqlalchemy as sa
from alembic import op

from storage import base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("forgotten", base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("watch_told", sa.String(length=16), nullable=True))
    with op.batch_alter_table("moderation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secrecy", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("registrar", base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("registrar_by", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("platform_report", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("police_report", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("lifted", base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("lifted_by", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("next_at", base.UtcDateTime(), nullable=True))
    op.create_table(
        "block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("moderation_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("second", sa.String(length=32), nullable=True),
        sa.Column("seconded", base.UtcDateTime(), nullable=True),
        sa.Column("on_at", base.UtcDateTime(), nullable=True),
        sa.Column("on_by", sa.String(length=32), nullable=True),
        sa.Column("lifted", base.UtcDateTime(), nullable=True),
        sa.Column("lifted_by", sa.String(length=32), nullable=True),
        sa.Column("next_at", base.UtcDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'ordered', 'on', 'lifted', 'declined')", name="ck_block_state"),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_block_comment_id")),
        sa.ForeignKeyConstraint(["moderation_id"], ["moderation.id"], name=op.f("fk_block_moderation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
    )
    op.create_index(op.f("ix_block_comment_id"), "block", ["comment_id"], unique=False)
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holding", sa.Boolean(), nullable=True))
    op.create_table(
        "standard_reply",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=75), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_standard_reply")),
    )
    op.create_table(
        "answer_draft",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("saved", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_answer_draft_comment_id")),
        sa.PrimaryKeyConstraint("comment_id", "person", name=op.f("pk_answer_draft")),
    )
    op.create_table(
        "reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("holding", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("reader", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", base.UtcDateTime(), nullable=False),
        sa.Column("settled", base.UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'sent', 'returned')", name="ck_reading_state"),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_reading_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
    )
    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reading_comment_id"), ["comment_id"], unique=False)
    op.create_table(
        "forwarding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("receiver", sa.String(length=32), nullable=True),
        sa.Column("mail", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("created", base.UtcDateTime(), nullable=False),
        sa.Column("due", base.UtcDateTime(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("received", base.UtcDateTime(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered", base.UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.CheckConstraint("state IN ('sent', 'received', 'answered')", name="ck_forwarding_state"),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_forwarding_comment_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_forwarding_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forwarding")),
        sa.UniqueConstraint("post_id", name=op.f("uq_forwarding_post_id")),
    )
    with op.batch_alter_table("forwarding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_forwarding_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_forwarding_state"), ["state"], unique=False)
    op.create_table(
        "accountfigures",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("followers", sa.Integer(), nullable=True),
        sa.Column("measured", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "day", name=op.f("pk_accountfigures")),
    )
    op.create_table(
        "postfigures",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("remote", sa.String(length=300), nullable=False),
        sa.Column("published", base.UtcDateTime(), nullable=False),
        sa.Column("seen", sa.Date(), nullable=False),
        sa.Column("reactions", sa.Integer(), nullable=True),
        sa.Column("comments", sa.Integer(), nullable=True),
        sa.Column("shares", sa.Integer(), nullable=True),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("channel", "remote", name=op.f("pk_postfigures")),
    )
    with op.batch_alter_table("postfigures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_postfigures_published"), ["published"], unique=False)
    op.create_table(
        "figurelook",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("next_at", base.UtcDateTime(), nullable=False),
        sa.Column("done", sa.Date(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_figurelook")),
    )
    op.create_table(
        "monthlyreport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("asks", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made", base.UtcDateTime(), nullable=False),
        sa.Column("written_by", sa.String(length=32), nullable=True),
        sa.Column("sent", base.UtcDateTime(), nullable=True),
        sa.Column("sent_by", sa.String(length=32), nullable=True),
        sa.Column("went_to", sa.JSON(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'sent')", name="ck_monthlyreport_state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthlyreport")),
        sa.UniqueConstraint("month", name=op.f("uq_monthlyreport_month")),
    )
    op.create_table(
        "inbox",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("oldest", base.UtcDateTime(), nullable=True),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("seen", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "kind", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fault", sa.String(length=16), nullable=True))
    op.create_index(op.f("ix_comment_settled"), "comment", ["settled"], unique=False)
    odd = sa.text("state = 'odd'")
    op.create_index("ix_arrival_odd", "arrival", ["received"], sqlite_where=odd, postgresql_where=odd)
    op.create_table(
        "cover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("asked", base.UtcDateTime(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.Column("at", base.UtcDateTime(), nullable=True),
        sa.Column("lapsed", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_cover_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover")),
        sa.UniqueConstraint("account_id", "first", "last", name=op.f("uq_cover_account_id_first_last")),
    )
    with op.batch_alter_table("cover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cover_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cover_last"), ["last"], unique=False)
    op.create_table(
        "weeding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Date(), nullable=False),
        sa.Column("paragraph", sa.String(length=40), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("oldest", base.UtcDateTime(), nullable=False),
        sa.Column("newest", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weeding")),
        sa.UniqueConstraint("board", "day", name=op.f("uq_weeding_board_day")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index(
            "ix_post_refused",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'refused'"),
            postgresql_where=sa.text("state = 'refused'"),
        )
    op.create_table(
        "weekendwatch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("made", base.UtcDateTime(), nullable=False),
        sa.Column("asked", base.UtcDateTime(), nullable=True),
        sa.Column("received", base.UtcDateTime(), nullable=True),
        sa.Column("late", base.UtcDateTime(), nullable=True),
        sa.Column("removed", base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekendwatch")),
    )
    op.create_index(op.f("ix_weekendwatch_last"), "weekendwatch", ["last"], unique=False)
    op.create_table(
        "questionsession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("starts", base.UtcDateTime(), nullable=False),
        sa.Column("ends", base.UtcDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("made", base.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("summed", base.UtcDateTime(), nullable=True),
        sa.Column("dropped", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_questionsession_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionsession")),
        sa.UniqueConstraint("publication_id", name=op.f("uq_questionsession_publication_id")),
    )
    op.create_index(op.f("ix_questionsession_ends"), "questionsession", ["ends"], unique=False)


def downgrade() -> None:
    op.drop_table("questionsession")
    op.drop_table("weekendwatch")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index("ix_post_refused")
    op.drop_table("weeding")
    op.drop_table("block")
    with op.batch_alter_table("moderation", schema=None) as batch_op:
        for column in ("next_at", "lifted_by", "lifted", "police_report", "platform_report"):
            batch_op.drop_column(column)
        for column in ("registrar_by", "registrar", "secrecy"):
            batch_op.drop_column(column)
    op.drop_table("cover")
    op.drop_index("ix_arrival_odd", table_name="arrival")
    op.drop_index(op.f("ix_comment_settled"), table_name="comment")
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.drop_column("fault")
    op.drop_table("inbox")
    for table in ("monthlyreport", "figurelook", "postfigures", "accountfigures"):
        op.drop_table(table)
    for table in ("forwarding", "reading", "answer_draft", "standard_reply"):
        op.drop_table(table)
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_column("holding")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_column("watch_told")
        batch_op.drop_column("forgotten")
        batch_op.drop_column("topic")
