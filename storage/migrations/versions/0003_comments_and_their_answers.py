"""Comments and their answers."""

import sqlalchemy as sa
from alembic import op

from storage import base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("received", base.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("state IN ('new', 'done', 'odd')", name="ck_arrival_state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("source", "digest", name=op.f("uq_arrival_source_digest")),
    )
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.create_index(
            "ix_arrival_new",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'new'"),
            postgresql_where=sa.text("state = 'new'"),
        )
        batch_op.create_index(batch_op.f("ix_arrival_received"), ["received"], unique=False)

    op.create_table(
        "poll",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("cursor", sa.JSON(), nullable=False),
        sa.Column("next_at", base.UtcDateTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.Column("since", base.UtcDateTime(), nullable=True),
        sa.Column("heard", base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_poll")),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("remote", sa.String(length=300), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("first_heard", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_publication_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("channel", "remote", name=op.f("uq_publication_channel_remote")),
    )
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publication_account_id"), ["account_id"], unique=False)

    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("remote", sa.String(length=300), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("parent", sa.String(length=300), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("written", base.UtcDateTime(), nullable=False),
        sa.Column("received", base.UtcDateTime(), nullable=False),
        sa.Column("edited", base.UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", base.UtcDateTime(), nullable=True),
        sa.Column("due", base.UtcDateTime(), nullable=True),
        sa.Column("told", sa.String(length=16), nullable=True),
        sa.Column("next_at", base.UtcDateTime(), nullable=True),
        sa.Column("taken", sa.String(length=32), nullable=True),
        sa.Column("taken_at", base.UtcDateTime(), nullable=True),
        sa.Column("later", base.UtcDateTime(), nullable=True),
        sa.Column("writing", sa.String(length=32), nullable=True),
        sa.Column("writing_at", base.UtcDateTime(), nullable=True),
        sa.Column("settled", base.UtcDateTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "state IN ('quiet', 'waiting', 'answered', 'closed', 'hidden', 'removed', 'gone')",
            name="ck_comment_state",
        ),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], name=op.f("fk_comment_publication_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.UniqueConstraint("channel", "remote", name=op.f("uq_comment_channel_remote")),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_comment_next",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "ix_comment_open",
            ["due", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index("ix_comment_parent", ["channel", "parent"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_publication_id"), ["publication_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_received"), ["received"], unique=False)

    op.create_table(
        "moderation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("klass", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("shot", sa.String(), nullable=False),
        sa.Column("no_shot", sa.String(), nullable=False),
        sa.Column("diary", sa.String(length=120), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("second", sa.String(length=32), nullable=True),
        sa.Column("seconded", base.UtcDateTime(), nullable=True),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("settled", base.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'ordered', 'done', 'by_hand', 'declined')", name="ck_moderation_state"
        ),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_moderation_comment_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_moderation_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation")),
        sa.UniqueConstraint("post_id", name=op.f("uq_moderation_post_id")),
    )
    with op.batch_alter_table("moderation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moderation_comment_id"), ["comment_id"], unique=False)

    op.create_table(
        "reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("remote", sa.String(length=300), nullable=False),
        sa.Column("created", base.UtcDateTime(), nullable=False),
        sa.Column("settled", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_reply_comment_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_reply_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("post_id", name=op.f("uq_reply_post_id")),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reply_state"), ["state"], unique=False)

    op.create_table(
        "wording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("until", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_wording_comment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
    )
    with op.batch_alter_table("wording", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wording_comment_id"), ["comment_id"], unique=False)

    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.alter_column(
            "via", existing_type=sa.VARCHAR(length=32), type_=sa.String(length=48), existing_nullable=False
        )

    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.add_column(sa.Column("perhaps", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.alter_column(
            "via", existing_type=sa.VARCHAR(length=32), type_=sa.String(length=48), existing_nullable=False
        )
        batch_op.alter_column(
            "dest", existing_type=sa.VARCHAR(length=80), type_=sa.String(length=300), existing_nullable=False
        )
        batch_op.alter_column(
            "remote", existing_type=sa.VARCHAR(length=200), type_=sa.String(length=300), existing_nullable=True
        )
        batch_op.alter_column(
            "place", existing_type=sa.VARCHAR(length=80), type_=sa.String(length=300), existing_nullable=True
        )


def downgrade() -> None:
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.alter_column(
            "place", existing_type=sa.String(length=300), type_=sa.VARCHAR(length=80), existing_nullable=True
        )
        batch_op.alter_column(
            "remote", existing_type=sa.String(length=300), type_=sa.VARCHAR(length=200), existing_nullable=True
        )
        batch_op.alter_column(
            "dest", existing_type=sa.String(length=300), type_=sa.VARCHAR(length=80), existing_nullable=False
        )
        batch_op.alter_column(
            "via", existing_type=sa.String(length=48), type_=sa.VARCHAR(length=32), existing_nullable=False
        )
        batch_op.drop_column("perhaps")

    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.alter_column(
            "via", existing_type=sa.String(length=48), type_=sa.VARCHAR(length=32), existing_nullable=False
        )

    with op.batch_alter_table("wording", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wording_comment_id"))

    op.drop_table("wording")
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reply_state"))
        batch_op.drop_index(batch_op.f("ix_reply_comment_id"))

    op.drop_table("reply")
    with op.batch_alter_table("moderation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moderation_comment_id"))

    op.drop_table("moderation")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_received"))
        batch_op.drop_index(batch_op.f("ix_comment_publication_id"))
        batch_op.drop_index("ix_comment_parent")
        batch_op.drop_index(
            "ix_comment_open",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(
            "ix_comment_next",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.drop_table("comment")
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_publication_account_id"))

    op.drop_table("publication")
    op.drop_table("poll")
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_arrival_received"))
        batch_op.drop_index(
            "ix_arrival_new", sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'")
        )

    op.drop_table("arrival")
