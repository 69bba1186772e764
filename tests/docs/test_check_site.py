"""The check of the built site finds what it is there for."""

import pytest

PAGE = '<html><head>{head}</head><body><h2 id="top">x</h2>{body}</body></html>'


@pytest.fixture
def built(tmp_path):
    def build(head="", body=""):
        (tmp_path / "index.html").write_text(PAGE.format(head=head, body=body))
        (tmp_path / "other.html").write_text(PAGE.format(head="", body='<a href="index.html#top">back</a>'))
        (tmp_path / "style.css").write_text("@font-face { src: url(font.woff2) }")
        return tmp_path

    return build


def test_good_pages_pass(built, site, capsys):
    body = '<a href="other.html#top">a</a><a href="#top">b</a><a href="https://x.org/">c</a><a href="mailto:a@b">d</a>'
    folder = built('<link rel="stylesheet" href="style.css?v=1">', body)
    assert site("check_site").main([str(folder)]) == 0
    assert "2 pages" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("head", "body", "fault"),
    [
        ("", '<a href="gone.html">a</a>', "index.html: dead link gone.html"),
        ("", '<a href="other.html#gone">a</a>', "index.html: dead link other.html#gone"),
        ("", '<img src="gone.png">', "index.html: dead link gone.png"),
        ("", '<script src="https://cdn.org/a.js"></script>', "index.html: fetches https://cdn.org/a.js"),
        ('<link rel="stylesheet" href="//cdn.org/a.css">', "", "index.html: fetches //cdn.org/a.css"),
        ('<link rel="preconnect" href="https://fonts.org">', "", "index.html: fetches https://fonts.org"),
        ("<style>@import 'https://cdn.org/b.css';</style>", "", "index.html: fetches https://cdn.org/b.css"),
    ],
)
def test_a_fault_is_found(built, site, head, body, fault):
    assert site("check_site").faults(built(head, body)) == [fault]


def test_a_style_that_fetches_is_found(built, site):
    folder = built()
    (folder / "style.css").write_text("@font-face { src: url('https://fonts.org/a.woff2') }")
    assert site("check_site").faults(folder) == ["style.css: fetches https://fonts.org/a.woff2"]


def test_an_empty_folder_is_no_site(tmp_path, site):
    assert site("check_site").main([str(tmp_path)]) == 1
