"""Read a file to replay: its columns say whether it is a line list or daily counts."""

from datetime import timedelta
from pathlib import Path

from anlan.exercises.replay.count_list import COLUMNS as COUNT_COLUMNS
from anlan.exercises.replay.count_list import CountList, read_count_list
from anlan.exercises.replay.line_list import COLUMNS as LINE_COLUMNS
from anlan.exercises.replay.line_list import LineList, read_line_list
from anlan.exercises.replay.rows import NotReplayable, heading_of
from anlan.health.queries import condition_named

LONGEST = timedelta(days=3 * 366)  # a wrong year in one row would replay a century of empty days
MOST_AREAS = 2000
Listed = LineList | CountList


def read_listed(path: Path) -> Listed:
    """Read a line list or a file of daily counts; raise NotReplayable."""
    heading = heading_of(path)
    listed: Listed
    if {"indicator", "count"} <= set(heading):
        listed = read_count_list(path)
    elif {"case", "syndrome"} & set(heading):
        listed = read_line_list(path, lambda key: condition_named(key) is not None)
    else:
        raise NotReplayable(
            f"{path.name}: 首行应为列名：逐日计数 / the first row names the columns, for daily counts "
            f"{', '.join(COUNT_COLUMNS)}；个案清单 / for a line list {', '.join(LINE_COLUMNS)}"
        )
    first, last = listed.days
    if last - first > LONGEST:
        raise NotReplayable(
            f"{path.name}: {first} 至 {last} 超过三年，请核对日期 / more than three years, check the days"
        )
    if len(listed.areas) > MOST_AREAS:
        raise NotReplayable(f"{path.name}: 区域超过 {MOST_AREAS} 个 / more than {MOST_AREAS} areas")
    return listed
