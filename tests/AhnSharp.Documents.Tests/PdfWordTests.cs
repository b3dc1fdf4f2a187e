using System;
using System.Linq;
using Xunit;
using static AhnSharp.Documents.Tests.RawPdf;

namespace AhnSharp.Documents.Tests;

public sealed class PdfWordTests
{
    private static string Read(string content, string font = Times, string more = "/MediaBox [0 0 612 792]", params string[] further) =>
        Files.TextOf(Files.Read("a.pdf", Page(content, font, more, further)));

    [Theory]
    [InlineData("BT /F1 10 Tf 72 700 Td [(one)-190(line)-190(of)-190(text)] TJ ET", "one line of text")]
    [InlineData("BT /F1 10 Tf 72 700 Td [(one)-120(line)-120(of)-120(text)] TJ ET", "one line of text")]
    [InlineData("BT /F1 10 Tf 72 700 Td [(A)74(V)-60(A)-80(T)20(AR)-250(is)-250(kerned)] TJ ET", "AVATAR is kerned")]
    [InlineData("BT /F1 11 Tf 8 Tw 72 700 Td (wide word spacing in justified text) Tj ET", "wide word spacing in justified text")]
    [InlineData("BT /F1 11 Tf -1.5 Tw 72 700 Td (narrow word spacing in justified text) Tj ET", "narrow word spacing in justified text")]
    [InlineData("BT /F1 11 Tf 0.6 Tc 72 700 Td (stretched letters are no words) Tj ET", "stretched letters are no words")]
    [InlineData("BT /F1 10 Tf 72 700 Td [(o)-20(n)30(e)-230(e)-20(a)-30(c)20(h)-230(l)-10(e)-10(tter)-230(placed)] TJ ET",
        "one each letter placed")]
    public void Words_are_parted_where_a_reader_sees_a_gap(string content, string text) => Assert.Equal(text, Read(content));

    [Theory]
    [InlineData("BT /F1 11 Tf 3 Tc 72 660 Td (SPACED CAPS) Tj ET", "SPACED CAPS")]
    [InlineData("BT /F1 11 Tf 72 660 Td [(C)-300(h)-300(a)-300(p)-300(t)-300(e)-300(r)-900(O)-300(n)-300(e)] TJ ET", "Chapter One")]
    [InlineData("BT /F1 11 Tf 72 660 Td [(A)-300(B)-300(C)-300(D)-300(E)-300(F)] TJ ET", "A B C D E F")]
    [InlineData("BT /F1 11 Tf 72 660 Td [(1)-300(2)-300(3)-300(4)-300(5)] TJ ET", "1 2 3 4 5")]
    [InlineData("BT /F1 11 Tf 72 660 Td [(das)-300(i)-150(s)-150(t)-150(s)-150(o)-300(gut)] TJ ET", "das istso gut")]
    public void Letters_set_apart_are_words_again_but_lists_of_letters_stay(string content, string text) =>
        Assert.Equal(text, Read(content));

    [Fact]
    public void Superscripts_and_subscripts_stay_in_their_line()
    {
        string content = Shown(72, 700, "The area is 10 km") + Shown(150.81, 704, "2", 7) + Shown(153.97, 700, " and the speed is")
            + Shown(72, 686, "about 3 x 10") + Shown(126.69, 690, "8", 7) + Shown(129.84, 686, " m/s in vacuum, as H") + Shown(222.79, 684,
                "2", 7) + Shown(225.94, 686, "O is wet.")
            + Shown(72, 672, "A plain third line of this text.");
        Assert.Equal("The area is 10 km2 and the speed is\nabout 3 x 108 m/s in vacuum, as H2O is wet.\nA plain third line of this text.",
            Read(content));
    }

    [Fact]
    public void Marks_of_footnotes_stand_with_their_words()
    {
        string content =
            Shown(72, 700, "A claim") + Shown(105.5, 704.5, "12", 6.5) + Shown(115, 700, "in a sentence.") + Shown(72, 690.5, "1",
                5) + Shown(74.8, 687, "A note, set smaller.", 8);
        Assert.Equal("A claim12 in a sentence.\n\n1 A note, set smaller.", Read(content));
    }

    [Fact]
    public void A_word_with_raised_and_lowered_letters_is_one() =>
        Assert.Equal("see LATEX here",
            Read("BT /F1 10 Tf 72 700 Td [(see )-50(L)350] TJ /F1 7 Tf 2 Ts [(A)200] TJ /F1 10 Tf 0 Ts [(T)167] TJ -2.2 Ts [(E)125] "
                + "TJ 0 Ts (X here) Tj ET"));

    [Fact]
    public void Accents_drawn_over_letters_are_composed() =>
        Assert.Equal("Yucatán Métro naïve x^2 ~/a",
            Read("BT /F1 12 Tf 72 700 Td "
                + "[(Yucat)44(\u00b4)377(an)-250(M)-55(\u00b4)388(etro)-250(na)-55(\u00a8)388(ive)-250(x^2)-250(~/a)] TJ ET"));

    [Fact]
    public void An_accent_over_a_capital_is_raised_and_composed() =>
        Assert.Equal("État Ñu",
            Read("BT /F1 10 Tf 1 0 0 1 73.2 702 Tm (\u00b4) Tj 1 0 0 1 72 700 Tm (Etat ) Tj 1 0 0 1 91.6 702 Tm (~) Tj 1 0 0 1 90.5 "
                + "700 Tm (Nu) Tj ET"));

    [Theory]
    [InlineData("<02> <00660069>\n<03> <006600660069>")]
    [InlineData("<02> <FB01>\n<03> <FB03>")]
    public void Ligatures_are_spelled_out(string map)
    {
        const string Font = "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding << /Type /Encoding /BaseEncoding "
            + "/WinAnsiEncoding /Differences [2 /fi 3 /ffi] >> /ToUnicode 10 0 R >>";
        string unicode = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /A def\n/CMapType 2 def\n1 "
            + "begincodespacerange\n<00> <FF>\nendcodespacerange\n"
            + $"1 beginbfrange\n<20> <7E> <0020>\nendbfrange\n2 beginbfchar\n{map}\nendbfchar\nendcmap\nCMapName currentdict /CMap "
            + $"defineresource pop\nend\nend";
        Assert.Equal("The office has a field in the first file.",
            Read("BT /F1 12 Tf 72 700 Td (The o\u0003ce has a \u0002eld in the \u0002rst \u0002le.) Tj ET", Font,
            further: Stream(unicode)));
    }

    [Fact]
    public void Text_drawn_twice_for_bold_is_read_once() =>
        Assert.Equal("Bold title, all ill.",
            Read(Shown(72, 700, "Bold title, all ill.") + Shown(72.3, 700, "Bold title, all ill.") + Shown(72.3, 700.2,
            "Bold title, all ill.")));

    [Fact]
    public void The_order_of_drawing_does_not_matter()
    {
        const string Words = "every letter of this line is drawn by itself in an order of its own";
        Random random = new(3);
        string content = string.Concat(Words.Select((c, i) => (c, i)).Where(static one => one.c != ' ').OrderBy(_ => random.Next())
            .Select(static one => Shown(72 + (6 * one.i), 700, one.c.ToString(), 10)));
        Assert.Equal(Words, Read(content, Courier));
    }

    [Theory]
    [InlineData("/MediaBox [0 0 612 792] /Rotate 90", "0 1 -1 0 300 100")]
    [InlineData("/MediaBox [0 0 612 792] /Rotate 270", "0 -1 1 0 300 500")]
    [InlineData("/MediaBox [0 0 612 792] /Rotate 180", "-1 0 0 -1 300 500")]
    [InlineData("/MediaBox [0 0 612 792]", "0 1 -1 0 300 100")]
    [InlineData("/MediaBox [0 0 612 792]", "0.8 0.6 -0.6 0.8 100 100")]
    [InlineData("/MediaBox [0 0 612 792] /CropBox [80 80 612 792]", "1 0 0 1 100 100")]
    public void Turned_text_and_turned_pages_read_as_they_are_seen(string page, string matrix) =>
        Assert.Equal("A turned line of text\nand a second one",
            Read($"BT /F1 11 Tf {matrix} Tm (A turned line of text) Tj 0 -13 Td (and a second one) Tj ET", Times, page));

    [Fact]
    public void Text_outside_of_the_crop_box_is_not_seen_and_not_read() =>
        Assert.Equal("seen", Read(Shown(150, 700, "seen") + Shown(20, 700, "unseen"), Times,
            "/MediaBox [0 0 612 792] /CropBox [100 100 500 750]"));

    [Fact]
    public void Text_at_the_side_of_a_page_comes_after_its_text() =>
        Assert.Equal("The text of the page.\nIt has two lines.\n\nstamp at the side",
            Read("BT /F1 11 Tf 0 1 -1 0 30 300 Tm (stamp at the side) Tj ET " + Shown(72, 700, "The text of the page.") + Shown(72, 686,
            "It has two lines.")));
}
