"""Deadlines: calendar days, business days (Québec's holidays and the centre's own closed days), hours; and what an
entente's dates ask for beforehand. Days are included: what is due on a day is not late that day.

Sources: the deadlines of the domain (docs/ententes.md); N06, « le lendemain ou le jour ouvrable suivant ».
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from registry.dates import long_date, long_moment
from registry.enums import DelayUnit
from registry.holidays import is_holiday

from .enums import DayCount
from .state import DEFAULT_MONTHS, Declared, add_months, renews

# When offices answer: a deadline in business days asked outside of these hours falls at the opening.
OPENS, CLOSES = time(8), time(16, 30)
# To have an entente signed before the one that it follows ends.
SIGNING_DAYS = 10  # business days before the first day without cover
SATURDAY = 5
_ONE = timedelta(days=1)


def is_business_day(day: date) -> bool:
    """Monday to Friday, neither a public holiday of Québec nor a closed day of the centre."""
    return day.weekday() < SATURDAY and not is_holiday(day)


def next_business_day(day: date) -> date:
    """That day if it is one, else the first one after it."""
    while not is_business_day(day):
        day += _ONE
    return day


def add_business_days(day: date, count: int) -> date:
    """The `count`-th business day after a day, itself not counted; before it when `count` is negative; for 0, the day
    itself or the first business day after it. Raises OverflowError beyond the calendar."""
    if count == 0:
        return next_business_day(day)
    step, left = (_ONE, count) if count > 0 else (-_ONE, -count)
    while left:
        day += step
        left -= is_business_day(day)
    return day


def due_day(start: date, value: int, count: DayCount | str) -> date:
    """The last day of a deadline of `value` days that begins on `start` (not counted)."""
    if count == DayCount.BUSINESS:
        return add_business_days(start, value)
    return start + timedelta(days=value)


def deadline(start: datetime, value: int, unit: DelayUnit | str) -> datetime:
    """The moment, by the centre's clock, at which a delay of a corridor ends.

    Hours elapse, day and night. Days end at the hour at which they began. Business days too, when asked during office
    hours; asked in the evening or on a closed day, they end at the opening (Saturday night + 1 = Monday, 8 h).
    `start` is aware. Raises OverflowError beyond the calendar.
    """
    if unit == DelayUnit.HOURS:
        return timezone.localtime(start.astimezone(UTC) + timedelta(hours=value))
    local = timezone.localtime(start)
    if unit != DelayUnit.BUSINESS_DAYS:
        return _at(local.date() + timedelta(days=value), local.time())
    during = is_business_day(local.date()) and OPENS <= local.time() <= CLOSES
    if during and value == 0:
        return local
    day = add_business_days(local.date(), value)
    if value == 0 and day == local.date() and local.time() > CLOSES:
        day = next_business_day(day + _ONE)
    return _at(day, local.time() if during else OPENS)


def _at(day: date, clock: time) -> datetime:
    """That day, at that time by the centre's clock; an hour that the change of clocks skips is an hour later."""
    moment = datetime.combine(day, clock.replace(tzinfo=None, fold=0), timezone.get_default_timezone())
    return timezone.localtime(moment.astimezone(UTC))


def at_the_latest(moment: datetime | date) -> str:
    """« au plus tard le lundi 23 novembre 2026, 8\u00a0h », or « au plus tard le 23 novembre 2026 »."""
    return f"au plus tard le {long_moment(moment) if isinstance(moment, datetime) else long_date(moment)}"


@dataclass(frozen=True, slots=True)
class NoticeWindow:
    """When notice may still stop an entente from going on by itself.

    `last_day`: a notice given that day, or before, leaves the days agreed; the window opens then. `closes`: the last
    day of the term, after which the entente has gone on until `next_end` (None: beyond the calendar).
    """

    last_day: date
    closes: date
    next_end: date | None

    def is_open(self, day: date) -> bool:
        return self.last_day <= day <= self.closes


def notice_window(agreement: Declared, term_end: date | None) -> NoticeWindow | None:
    """For an entente that renews itself and asks for notice, at the term that ends on `term_end` (included); else
    None."""
    if term_end is None or agreement.notice_days is None or not renews(agreement):
        return None
    try:
        last_day = term_end - timedelta(days=agreement.notice_days)
    except OverflowError:
        return None
    return NoticeWindow(last_day, term_end, following_end(agreement, term_end))


def following_end(agreement: Declared, term_end: date) -> date | None:
    """The end of the period after the one that ends on `term_end`, counted from the original end so that month ends
    are kept. None: beyond the calendar, or an entente without an end."""
    origin = agreement.ends_on
    if origin is None:
        return None
    months = agreement.renewal_months or DEFAULT_MONTHS
    periods = max((term_end.year - origin.year) * 12 + term_end.month - origin.month, 0) // months
    try:
        while add_months(origin, periods * months) <= term_end:
            periods += 1
        return add_months(origin, periods * months)
    except OverflowError:
        return None


def sign_by(term_end: date) -> date:
    """« Pour signer sans interruption »: ten business days before the first day without cover."""
    return add_business_days(term_end + _ONE, -SIGNING_DAYS)
