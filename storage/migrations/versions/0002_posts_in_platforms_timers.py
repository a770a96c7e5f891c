"""Posts in platforms' timers."""

import sqlalchemy as sa
from alembic import op

from storage import base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("remote", sa.String(length=200), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("until", base.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("wish", base.UtcDateTime(), nullable=True),
        sa.Column("by", sa.String(length=32), nullable=True),
        sa.Column("chosen", base.UtcDateTime(), nullable=True),
        sa.Column("settled", base.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('listed', 'holding', 'held', 'stuck', 'publishing', 'moving', 'dropping',"
            " 'published', 'moved', 'dropped', 'went', 'gone')",
            name="ck_held_state",
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_held_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held")),
        sa.UniqueConstraint("incident_id", "channel", "remote", name=op.f("uq_held_incident_id_channel_remote")),
    )
    with op.batch_alter_table("held", schema=None) as batch_op:
        batch_op.create_index("ix_held_channel_remote", ["channel", "remote"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_state"), ["state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("held", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_state"))
        batch_op.drop_index(batch_op.f("ix_held_incident_id"))
        batch_op.drop_index("ix_held_channel_remote")

    op.drop_table("held")
