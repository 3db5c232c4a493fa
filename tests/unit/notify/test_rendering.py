import pytest
from jinja2 import DictLoader, TemplateNotFound, UndefinedError

from crowdship.notify.rendering import Letter, environment, rendered


@pytest.fixture
def templates(monkeypatch):
    """Templates of the test in place of the package's."""
    files = {}
    environment.cache_clear()
    monkeypatch.setattr(environment(), "loader", DictLoader(files))
    yield files
    environment.cache_clear()


@pytest.mark.parametrize(
    "source", ["{{ nmae }}", "{% if nmae %}x{% endif %}", "{{ name.frist }}", "{{ nmae or name }}"]
)
def test_a_field_that_is_not_there_is_an_error(templates, source):
    templates["a.txt.j2"] = source
    with pytest.raises(UndefinedError):
        rendered("a.txt.j2", {"name": "Ana"})


def test_html_escapes_what_is_put_in_and_text_does_not(templates):
    templates["a.txt.j2"] = templates["a.html.j2"] = "{{ name }}"
    name = """<a href='x'>"&"""
    assert rendered("a.txt.j2", {"name": name}) == name
    assert rendered("a.html.j2", {"name": name}) == "&lt;a href=&#39;x&#39;&gt;&#34;&amp;"


def test_what_is_put_in_is_never_read_as_a_template(templates):
    templates["a.txt.j2"] = "{{ name }}"
    assert rendered("a.txt.j2", {"name": "{{ 7 * 7 }}{% raw %}"}) == "{{ 7 * 7 }}{% raw %}"


def test_a_letter_is_a_subject_and_the_text_after_an_empty_line(templates):
    templates["a.txt.j2"] = "Subject: News for {{ name }}\n\nHello {{ name }},\n\nbye.\n"
    assert Letter.of("a.txt.j2", {"name": "Ana"}) == Letter(subject="News for Ana", text="Hello Ana,\n\nbye.\n")


@pytest.mark.parametrize("source", ["Hello,\n\nbye.\n", "Subject: News\nHello\n\nbye.\n", "Subject: News\n"])
def test_a_letter_without_a_subject_on_a_line_of_its_own_is_refused(templates, source):
    templates["a.txt.j2"] = source
    with pytest.raises(ValueError, match=r"a\.txt\.j2 must begin"):
        Letter.of("a.txt.j2", {})


def test_a_template_that_is_not_there_is_an_error(templates):
    with pytest.raises(TemplateNotFound):
        rendered("b.txt.j2", {})
