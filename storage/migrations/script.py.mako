"""${message.capitalize()}."""

import sqlalchemy as sa
from alembic import op
% if imports:

${imports}
% endif

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
<%
    def plain(code):
        return "\n".join(line for line in ("    " + (code or "pass")).splitlines() if "###" not in line)
%>

def upgrade() -> None:
${plain(upgrades)}


def downgrade() -> None:
${plain(downgrades)}
