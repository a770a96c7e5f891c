"""Which warnings from outside the municipality listens to."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bot.fields import Table, Text, WebAddress, matching

Source = Literal["vma", "krisinformation", "smhi"]
Level = Literal["MESSAGE", "YELLOW", "ORANGE", "RED"]
Municipality = Annotated[str, matching(r"\d{4}", 'a municipality code of four digits like "1480"')]
County = Annotated[str, matching(r"\d{2}", 'a county code of two digits like "14"')]
Code = Annotated[str, matching(r"[A-Z][A-Z_]*", 'an event code of SMHI like "WIND" or "SNOW_ICE"')]


class Warnings(Table):
    """Off until somebody turns it on. ``names``: what the municipality is called in area lists, beside its own
    name. Without ``smhi_codes`` every event of SMHI counts. ``poll_s`` is the shortest time between two looks.
    """

    enabled: bool = False
    municipality: Municipality | None = None
    county: County | None = None
    names: tuple[Text, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)] = ("vma", "krisinformation", "smhi")
    smhi_codes: tuple[Code, ...] = ()
    smhi_min_level: Level = "ORANGE"
    krisinformation_feed: Literal["vmas", "notifications", "news"] = "vmas"
    poll_s: Annotated[int, Field(ge=60, le=900)] = 60
    timeout_s: Annotated[float, Field(gt=0, le=20)] = 8.0
    vma_api_url: WebAddress = "https://vmaapi.sr.se/api/v3"
    krisinformation_api_url: WebAddress = "https://api.krisinformation.se/v3"
    smhi_api_url: WebAddress = "https://opendata-download-warnings.smhi.se/ibww/api/version/1"

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.enabled and not (self.municipality and self.county):
            raise ValueError("give the codes of municipality and county, or nobody knows which warnings are ours")
        if self.municipality and self.county and not self.municipality.startswith(self.county):
            raise ValueError(f'municipality "{self.municipality}" does not lie in county "{self.county}"')
        return self
