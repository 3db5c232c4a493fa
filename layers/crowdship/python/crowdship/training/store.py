"""The training table: a driver's courses."""

from crowdship.adapters.storage import Row, meta
from crowdship.training.model import Course

COURSE = "COURSE#"


class CourseRow(Row):
    """A driver's course in a module."""

    Meta = meta("training")

    @classmethod
    def of(cls, course: Course) -> "CourseRow":
        """Return the row of a course."""
        return cls.holding(course, course.driver_id, f"{COURSE}{course.module}")

    @classmethod
    def load(cls, driver_id: str, module: str) -> Course | None:
        """Return a driver's course in a module, or None."""
        row = cls.find(driver_id, f"{COURSE}{module}")
        return row.as_aggregate(Course) if row else None

    @classmethod
    def of_driver(cls, driver_id: str) -> dict[str, Course]:
        """Return the courses of a driver by module."""
        rows = cls.query(driver_id, cls.sk.startswith(COURSE), consistent_read=True)
        return {course.module: course for course in (row.as_aggregate(Course) for row in rows)}
