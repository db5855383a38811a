"""Repair of text that was decoded wrongly before it was saved."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from studycli.documents.lines import listed
from studycli.documents.mojibake import repair
from studycli.documents.text import decode, read
from studycli.model.problem import Severity

CODECS = {
    "Windows-1252": "sloppy-windows-1252",
    "Windows-1254": "sloppy-windows-1254",
    "Mac Roman": "mac_roman",
    "Latin-1": "latin-1",
}

REALISTIC = {
    "french": "Déjà vu : l’été s’achève, « où êtes-vous ? » — à l’école… Œuvre, cœur, Noël.\nRien ici.\nCoût : 12 €.",
    "german": "Ärger über die Größe – „Übung macht den Meister“ und ‚Äpfel‘ für Öl.",
    "portuguese": "A atenção não é só uma questão de São João; coração, maçã, pão, à noite, você, úteis.",
    "turkish": "Dikkat mekanizması: soru, anahtar ve değer; ölçekli çarpım, öğrenme, şimdi, İstanbul.",
    "vietnamese": "Cơ chế chú ý cho phép mô hình tập trung vào các từ quan trọng; được, những, ở Đà Nẵng.",
    "russian": "Механизм внимания: запрос, ключ и значение — «всё, что нужно».",
    "greek": "Η προσοχή είναι το μόνο που χρειάζεσαι: ερώτημα, κλειδί, τιμή.",
    "chinese": "注意力机制：查询、键和值。“你只需要注意力”。",
    "japanese": "注意機構：クエリ、キー、バリュー。「必要なのは注意だけ」",
    "mathematics": "softmax(QKᵀ/√d_k)·V, with α ≤ β ≠ γ, ∑ xᵢ² → ∞, ℝⁿ × ℝᵐ, h₁ … hₙ, ∂L/∂θ ≈ 0",
    "boxes": "┌──┬──┐\n│a │b │\n├──┼──┤\n│ →│ ← │\n└──┴──┘\n╔══════╗\n║ done ║\n╚══════╝",
    "emoji": "🎯 Goal, 📚 books, ⚠️ careful, ✅ done, 🛠️ tools, 👩‍💻 code",
    "quotes": "It’s “fine” – isn’t it? She said ‘yes’ … naïve café",
    "one accent": "A single café.",
    "one sign": "A single × sign",
    "one arrow": "a → b",
    "one square": "n² is quadratic",
}

HEALTHY = [
    *REALISTIC.values(),
    "naïve café Ã",
    "«está»… «olá»… amanhã”… à…",
    "Ärger, „Über“, ‚Äpfel‘, §3, 20 °C, ½, ±1",
    "∏ Ω ≈ √ ∑ ∂ ∞ ≤ ≥ ≠ √π √2 ∆x ¬p ƒ(x)",
    "«\u00a0café\u00a0» et «\u00a0thé\u00a0»…",
    "l’été, d’être, “état”, —Él, …Å, ”ä”",
    "ığdır, İÇ, Şimdi, kâr, â, ğ",
    "Anh ơi, đâu đó ngâ”… Ở đây, Ấy, Ế, Ê, Â.",
    "—Är du?\n—Är hon?\n—Är de?\n—Är vi?\n",
    "ngâ”…",
    "plain ASCII | and `code` only",
]


@pytest.mark.parametrize("text", HEALTHY)
def test_healthy_text_is_the_very_same(text: str) -> None:
    repaired, problems = repair(text)
    assert repaired is text
    assert problems == ()


@pytest.mark.parametrize(
    "text", ["Le signe « Â© » n’a pas de sens ici ; l’été, déjà, où ?", "MAÇÃ—LIMÃO, NÃO, SÃO JOÃO, AÇÃO"]
)
def test_what_only_looks_odd_is_reported_and_left(text: str) -> None:
    repaired, problems = repair(text)
    assert repaired == text
    assert [problem.severity for problem in problems] == [Severity.WARNING]


@pytest.mark.parametrize("name", REALISTIC)
@pytest.mark.parametrize("rounds", [1, 2])
def test_text_comes_back_whichever_way_it_was_misread(name: str, rounds: int) -> None:
    for codecs in product(CODECS.values(), repeat=rounds):
        mangled = REALISTIC[name]
        for codec in codecs:
            import ftfy.bad_codecs  # noqa: F401  registers the sloppy code pages

            mangled = mangled.encode().decode(codec)
        decoded = decode(mangled.encode())
        assert decoded.text == REALISTIC[name], codecs
        assert decoded.problems[0].severity is Severity.INFO
        assert "UTF-8 was read as" in decoded.problems[0].message


def test_the_message_tells_both_code_pages_in_the_order_of_the_mishaps() -> None:
    mangled = "naïve → “café”".encode().decode("mac_roman").encode().decode("cp1252", "replace")
    message = repair(mangled.replace("\N{REPLACEMENT CHARACTER}", "\x81"))[1][0].message
    assert "Mac Roman, then again as Windows-1252" in message


def dropped(text: str, codec: str) -> str:
    return text.encode().decode(codec, "ignore")


@pytest.mark.parametrize("codec", ["cp1252", "cp1254"])
@pytest.mark.parametrize("errors", ["ignore", "replace"])
@pytest.mark.parametrize(
    "text",
    [
        "┌────┐ ← → “quoted”\n│ ┌─┐│\n│ └─┘│\n└────┘",
        "╔════╗ → …\n║ ok ║\n╚════╝",
        "╚══ leaf → …",
        "════════ → …",
        "a ━ b → “c”",
        "h₁ → h₂, x⁴ → …, W ∈ ℝ → …",
        "👩‍💻 codes → “well”",
        "tools 🛠️ → …",
        "• α → ρ, β → “γ”",
    ],
)
def test_lost_bytes_are_restored_where_one_common_character_fits(text: str, codec: str, errors: str) -> None:
    repaired, problems = repair(text.encode().decode(codec, errors))
    assert repaired == text
    assert [problem.severity for problem in problems] == [Severity.INFO, Severity.WARNING]
    assert "had lost a byte" in problems[1].message


def test_an_emoji_with_a_dropped_byte_of_windows_1254() -> None:
    assert repair(dropped("🎯 the goal → …", "cp1254"))[0] == "🎯 the goal → …"


def test_a_no_break_space_that_became_a_space() -> None:
    mangled = "a ≠ b → “à la carte”, ⚠️".encode().decode("cp1252", "ignore").replace("\u00a0", " ")
    assert repair(mangled)[0] == "a ≠ b → “à la carte”, ⚠️"


def test_a_no_break_space_and_a_space_that_became_one() -> None:
    mangled = "“voilà la règle”, …".encode().decode("cp1252", "ignore").replace("\u00a0 ", " ")
    assert repair(mangled)[0] == "“voilà la règle”, …"


def test_lines_that_can_be_a_rule_or_a_box_are_left() -> None:
    assert repair(dropped("━━━━\n→ “one” …", "cp1252"))[0] == dropped("━━━━", "cp1252") + "\n→ “one” …"


def test_mac_roman_with_an_ohm_sign_for_its_omega() -> None:
    mangled = "½ → naïve".encode().decode("mac_roman")
    assert repair(mangled.replace("Ω", "\N{OHM SIGN}"))[0] == "½ → naïve"


def test_what_can_have_been_several_characters_is_left_and_reported_with_its_line() -> None:
    text = "fine → “yes”\n" * 12 + "the сад → …\n"
    repaired, problems = repair(dropped(text, "cp1252"))
    assert repaired.split("\n")[:12] == text.split("\n")[:12]
    assert problems[-1].severity is Severity.WARNING
    assert problems[-1].line == 13
    assert "can't be repaired" in problems[-1].message


def test_a_character_that_cannot_be_told_keeps_no_other_from_its_repair() -> None:
    repaired, problems = repair(dropped("● dot ← “one”", "cp1252"))  # ● and ❗ leave the same bytes behind
    assert repaired == dropped("●", "cp1252") + " dot ← “one”"
    assert "can't be repaired" in problems[-1].message


def test_a_document_of_which_only_some_lines_were_misread() -> None:
    healthy = "Déjà vu, l’été → ici\nNaïveté, cœur\n"
    mangled = dropped("Les élèves – “très” fatigués → là\n", "cp1252")
    repaired, problems = repair(healthy + mangled)
    assert repaired == healthy + "Les élèves – “très” fatigués → là\n"
    assert [problem.severity for problem in problems] == [Severity.INFO, Severity.WARNING]
    assert problems[1].line == 3


def test_an_unmistakable_sequence_on_an_otherwise_healthy_line() -> None:
    assert repair("Déjà vu, câ€™est là\nÉlève")[0] == "Déjà vu, c’est là\nÉlève"


def test_a_doubtful_line_in_a_healthy_document_is_reported_and_left() -> None:
    text = "Déjà vu, l’été\nLe cafÃ© noir\nÇa va, là ?"
    repaired, problems = repair(text)
    assert repaired == text
    assert [problem.line for problem in problems] == [2]


def test_line_numbers_are_those_of_the_document() -> None:
    text = "x\n" * 40 + "← “one”\n" + "y\n" * 9 + "… ← …\n"
    problems = repair(dropped(text, "cp1252"))[1]
    assert problems[1].line == 41
    assert problems[1].message.endswith("lines 41 and 51")


def test_listed_lines() -> None:
    assert listed([3]) == "line 3"
    assert listed([3, 3, 5]) == "lines 3 and 5"
    assert listed(range(1, 33)) == "lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 20 more"


def test_the_topic_page_was_read_as_mac_roman(samples: Path) -> None:
    decoded = read(samples / "topic-transformer-architecture.md")
    assert "read as Mac Roman" in decoded.problems[0].message
    assert len(decoded.problems) == 1
    assert set(re.findall(r"[^\x00-\x7f]", decoded.text)) == set("→↓📝💾📊🗺\ufe0f")


def test_the_tutorial_was_read_as_windows_1254_and_lost_bytes(samples: Path) -> None:
    decoded = read(samples / "tutorial-transformer-fundamentals.md")
    assert "read as Windows-1254" in decoded.problems[0].message
    assert len(decoded.problems) == 2
    assert decoded.problems[1].severity is Severity.WARNING
    assert set(re.findall(r"[^\x00-\x7f]", decoded.text)) == set("—📚📖🎯🛠\ufe0f₁₂₃₄₅→←↓×┌─┐│├┤└┘")
    assert decoded.text.count("┐") == decoded.text.count("┌") == decoded.text.count("└") == decoded.text.count("┘")


def test_the_boxes_of_the_tutorial_are_aligned(samples: Path) -> None:
    lines = read(samples / "tutorial-transformer-fundamentals.md").text.split("\n")
    boxes = 0
    width = None
    for line in lines:
        if line.startswith("┌"):
            width, boxes = line.rindex("┐"), boxes + 1
        if width is not None:
            assert line[0] in "┌│├└" and line[width] in "┐│┤┘", line
        if line.startswith("└"):
            width = None
    assert boxes == 6


@pytest.mark.parametrize(
    "name",
    ["lecture-5-transformers-plan.md", "lesson-4-transformers-concept-map.md", "lesson-4-transformers-flashcards.md"],
)
def test_the_healthy_samples_are_untouched(samples: Path, name: str) -> None:
    decoded = read(samples / name)
    assert decoded.text == (samples / name).read_text("utf-8")
    assert decoded.problems == ()
