"""What the municipality chose for the monthly report."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from bot.fields import CalendarDays, Channel, Table, Who

Rate = Annotated[float, Field(gt=0, le=100)]


class Report(Table):
    """``to``: Slack channels and people (e-mail or Slack id) of management. ``engagement_goal``: percent of the
    followers that react to a post, from and to. Links to page and workbook are good for ``link_days``.
    ``balance_percent``: an operation with a larger share of the posts than this is pointed out.
    """

    to: tuple[Channel | Who, ...] = ()
    engagement_goal: tuple[Rate, Rate] = (5.0, 7.0)
    link_days: CalendarDays = 90
    balance_percent: Annotated[int, Field(ge=1, le=100)] = 40

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.engagement_goal[0] > self.engagement_goal[1]:
            raise ValueError("engagement_goal has two shares that grow, like [5, 7]")
        return self
