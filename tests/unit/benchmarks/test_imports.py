from benchmarks.imports import STANDARD, by_package, package_of, timed_imports

TOLD = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 |   json.decoder
import time:        50 |        150 | json
import time:       300 |        450 | crowdship.adapters.http
import time:        10 |       1000 | offers_api
something else
"""


def test_the_times_of_imports_are_read() -> None:
    assert timed_imports(TOLD.splitlines())[:2] == [("json.decoder", 100, 100), ("json", 50, 150)]


def test_a_module_counts_for_its_package_and_the_handler_for_us() -> None:
    shares = by_package(timed_imports(TOLD.splitlines()), "offers_api")

    assert shares["crowdship"] == 0.31
    assert shares[STANDARD] == 0.15


def test_packages_go_by_their_first_name() -> None:
    assert package_of("botocore.client") == "boto3 and botocore"
    assert package_of("aws_lambda_powertools.logging") == "Powertools"
    assert package_of("collections.abc") == STANDARD
