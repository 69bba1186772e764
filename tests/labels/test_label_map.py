"""The user's own label table."""

import pytest

from clrna.errors import InputError
from clrna.labels import harmonize, read_label_map


@pytest.fixture
def label_map(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "map.tsv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_own_map_comes_first_and_is_reported(label_map):
    path = label_map("raw\ttissue\ttumor_type\nlung\tPleura\tPLMESO\nAtlantis\tBreast\t\n")
    found = harmonize(["Lung", "ATLANTIS", "skin"], ["LUAD", "", ""], path)
    assert list(found.tissue) == ["Pleura", "Breast", "Skin"]
    assert list(found.tumor_type) == ["PLMESO", "", ""]
    assert set(found.report.query("raw in ['Lung', 'ATLANTIS']")["status"]) == {"label map"}


def test_own_map_can_take_a_label_away(label_map):
    path = label_map("raw\ttissue\ttumor_type\nlung\t\t\n")
    assert list(harmonize(["lung", "skin"], None, path).tissue) == ["", "Skin"]


@pytest.mark.parametrize(
    "text", ["raw,tissue,tumor_type\nx,Lung,LUAD\n", "\ufeffraw\ttissue\ttumor_type\r\nx\tLung\tLUAD\r\n"]
)
def test_commas_and_windows_text_are_read(label_map, text):
    assert list(read_label_map(label_map(text)).values()) == [("Lung", "LUAD")]


def test_the_same_row_twice_is_no_contradiction(label_map):
    path = label_map("raw\ttissue\ttumor_type\nx\tLung\tLUAD\nX\tLung\tLUAD\n")
    assert len(read_label_map(path)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("raw\ttissue\ttumor_type\n", "no rows"),
        ("raw\ttissue\nx\tLung\n", "tumor_type not found among raw, tissue"),
        ("name\ttissue\ttumor_type\nx\tLung\t\n", "raw not found"),
        ("raw\ttissue\ttumor_type\nx\tLung\t\nX \tSkin\t\n", "two things about 'X'"),
        ("raw\ttissue\ttumor_type\n\tLung\t\n", "no raw name in row 2"),
        ("raw\ttissue\ttumor_type\nx\tLung\t\tmore\n", "4 columns in row 2, but its header 3"),
    ],
)
def test_bad_maps_say_what_is_wrong(label_map, text, message):
    path = label_map(text)
    with pytest.raises(InputError, match=message) as caught:
        read_label_map(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_binary_maps(label_map, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_label_map(tmp_path / "absent.tsv")
    with pytest.raises(InputError, match="not UTF-8"):
        read_label_map(label_map("raw\ttissue\ttumor_type\n\xe9\tLung\t\n", "latin-1"))
