"""What the municipality has decided about keeping and weeding, and about people's data."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from bot.fields import Table, Text

Months = Annotated[int, Field(ge=1, le=600)]


class Rule(Table):
    """A board's decision: comments that were settled so long ago are weeded. ``decided`` and ``paragraph``
    name the decision: without it nothing may be destroyed.
    """

    board: Text
    months: Months
    decided: date
    paragraph: Text


class Records(Table):
    """``home``: the board that answers for channels without a unit. ``older_than_months``: what the list of
    boards without a decision counts. The three dates say when the papers were signed.
    """

    home: Text = "Kommunstyrelsen"
    older_than_months: Months = 24
    impact_assessment: date | None = None
    processor_agreement: date | None = None
    transfer_decision: date | None = None
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        boards = [one.board for one in self.rules]
        if twice := next((one for one in boards if boards.count(one) > 1), None):
            raise ValueError(f'two rules are for the board "{twice}"')
        return self
