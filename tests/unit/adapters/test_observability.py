"""What is counted, and under which name alarms find it."""

import json

from crowdship.adapters.observability import count_for_all


def test_what_any_room_may_meet_is_counted_under_one_dimension(capsys, monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "dispatch")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Crowdship")
    count_for_all("MapsNotUsable")
    told = json.loads(capsys.readouterr().out)
    assert told["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert (told["service"], told["MapsNotUsable"]) == ("platform", [1.0])
