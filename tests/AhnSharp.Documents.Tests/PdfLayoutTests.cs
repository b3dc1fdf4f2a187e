using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text;
using Xunit;
using static AhnSharp.Documents.Tests.RawPdf;

namespace AhnSharp.Documents.Tests;

public sealed class PdfLayoutTests
{
    private static readonly int[] s_columns = [70, 130, 190, 250], s_rows = [665, 645, 601, 570];
    private static readonly string[] s_order =
        ["A title", "one line 0", "one line 9", "two line 0", "two line 9", "six line 0", "six line 9", "What stands"];

    private static string Read(string content, string font = Helvetica) => Files.TextOf(Files.Read("a.pdf", Page(content, font)));

    private static string Lines(double x, double y, double leading, params string[] lines) =>
        string.Concat(lines.Select((line, i) => Shown(x, y - (leading * i), line)));

    [Fact]
    public void A_table_is_read_row_by_row_and_an_empty_cell_is_there()
    {
        string content = Lines(72, 650, 18, "Item", "Bolt", "Nut", "Gear", "Total") + Lines(300, 650, 18, "Qty", "4", "12",
            "1") + Lines(450, 650, 18, "Price", "1.20", "0.35", "17.00", "26.00");
        Assert.Equal("Item | Qty | Price\nBolt | 4 | 1.20\nNut | 12 | 0.35\nGear | 1 | 17.00\nTotal |  | 26.00", Read(content));
    }

    [Fact]
    public void Amounts_that_end_at_one_edge_are_one_column()
    {
        string[] amounts = ["1,250.00", "8.50", "112.00", "1,370.50"];
        string content = Lines(72, 650, 15, "Consulting, two days in May", "Postage", "Travel by train", "Total to be paid")
            + string.Concat(amounts.Select((amount, i) => Shown(500 - (5.2 * amount.Length), 650 - (15 * i), amount)));
        Assert.Equal("Consulting, two days in May | 1,250.00\nPostage | 8.50\nTravel by train | 112.00\nTotal to be paid | 1,370.50",
            Read(content));
    }

    [Fact]
    public void Vertical_rules_part_cells_that_stand_close()
    {
        string rules = string.Concat(s_columns.Select(static x => string.Create(CultureInfo.InvariantCulture, $"{x} 600 m {x} 672 l S\n")));
        string content = rules + Lines(72, 658, 18, "Component", "Bearing M", "Gear", "Total sum") + Lines(132, 658, 18, "Supplier A",
            "Supplier B")
            + Lines(192, 658, 18, "Delivered", "Yes", "No", "26.00");
        Assert.Equal("Component | Supplier A | Delivered\nBearing M | Supplier B | Yes\nGear |  | No\nTotal sum |  | 26.00", Read(content));
    }

    [Fact]
    public void The_first_cell_may_be_the_empty_one()
    {
        string content = Shown(72, 650, "Item") + Shown(72, 614, "Nut") + Lines(300, 650, 18, "Qty", "4", "12") + Lines(450, 650, 18,
            "Price", "1.20", "0.35");
        Assert.Equal("Item | Qty | Price\n| 4 | 1.20\nNut | 12 | 0.35", Read(content));
    }

    [Fact]
    public void A_large_initial_begins_its_first_line()
    {
        string content = Shown(72, 676, "O", 36) + Lines(102, 700, 12, "nce upon a time there was a", "king who had a daughter, and",
            "she was as clever as")
            + Shown(72, 664, "anyone in the whole country.");
        Assert.Equal("Once upon a time there was a\nking who had a daughter, and\nshe was as clever as\nanyone in the whole country.",
            Read(content));
    }

    [Fact]
    public void Cells_of_several_lines_are_one_cell()
    {
        string rules = string.Concat(s_rows
            .Select(static y => string.Create(CultureInfo.InvariantCulture, $"70 {y} m 500 {y} l S\n")));
        string content = rules + Lines(72, 650, 13, "Option", "--memory") + Lines(180, 650, 13, "Meaning") + Lines(420, 650, 13, "Default")
            + Lines(180, 632, 13, "How what leaves the window is", "kept: all of it, or folded into", "the memory.") + Shown(420, 632,
                "full")
            + Lines(72, 588, 13, "--seed") + Lines(180, 588, 13, "Where random numbers", "start.") + Shown(420, 588, "0");
        content = content.Replace(Shown(72, 637, "--memory"), Shown(72, 632, "--memory"), StringComparison.Ordinal);
        Assert.Equal("Option | Meaning | Default\n--memory | How what leaves the window is kept: all of it, or folded into the "
            + "memory. | full\n--seed | Where random numbers start. | 0", Read(content));
    }

    [Fact]
    public void Two_columns_are_read_one_after_the_other_and_a_word_parted_at_a_lines_end_is_whole()
    {
        string content = Lines(60, 700, 14, "The quick brown fox jumps over", "the lazy dog while the other",
            "animals watch from the river", "bank and comment on the infor-", "mation that they have received.")
            + Lines(330, 700, 14, "Second column starts here with", "words that must come after the", "first column has ended, because",
                "readers read one column first", "and then the next one.");
        Assert.Equal("The quick brown fox jumps over\nthe lazy dog while the other\nanimals watch from the river\nbank and comment on "
            + "the information\nthat they have received.\n\n"
            + "Second column starts here with\nwords that must come after the\nfirst column has ended, because\nreaders read one "
            + "column first\nand then the next one.", Read(content));
    }

    [Fact]
    public void Three_columns_under_a_title_and_over_a_footer_are_read_in_order()
    {
        string[] Column(string name) => [.. Enumerable.Range(0, 10).Select(i => $"{name} line {i} of this column here")];
        string content = Shown(180, 740, "A title that runs over all of the columns of it") + Lines(40, 700, 12, Column("one")) + Lines(230,
            704, 12, Column("two")) + Lines(420, 700, 12, Column("six"))
            + Shown(60, 560, "What stands under all three columns runs over the whole width of the page again.");
        string text = Read(content);
        int[] places = [.. s_order.Select(what => text.IndexOf(what, StringComparison.Ordinal))];
        Assert.True(places[0] == 0 && places.SequenceEqual(places.Order()), text);
    }

    [Fact]
    public void Hyphens_that_belong_to_the_word_stay()
    {
        string content = Lines(72, 700, 13, "A command-line tool has options; the com-", "mand has none. Use the command-",
            "line for it, in the self-", "same e-", "mail way: a command, a line,", "one command more, one line more, and a well-",
                "Known name.");
        Assert.Equal("A command-line tool has options; the command\nhas none. Use the command-line\nfor it, in the selfsame\ne-mail\n"
            + "way: a "
            + "command, a line,\none command more, one line more, and a well-Known\nname.", Read(content));
    }

    [Fact]
    public void A_soft_hyphen_is_never_seen()
    {
        byte[] pdf = Page(Lines(72, 700, 13, "A docu~mentation has it inside and at infor~", "mation ends."), Mapped,
            further: [Unicode("<20> <7D> <0020>", "<7E> <7E> <00AD>"), Descriptor]);
        Assert.Equal("A documentation has it inside and at information\nends.", Files.TextOf(Files.Read("a.pdf", pdf)));
    }

    [Fact]
    public void Listings_keep_their_indentation()
    {
        string[] listing = ["for i in 1 2 3; do", "    if test $i = 2; then", "        echo  two", "    fi", "done"];
        Assert.Equal(string.Join('\n', listing), Read(Lines(90, 700, 12, listing), Courier));
        // The same without a single space drawn.
        StringBuilder words = new();
        for (int row = 0; row < listing.Length; row++)
        {
            for (int at = 0; at < listing[row].Length; at++)
            {
                if (listing[row][at] != ' ') words.Append(Shown(90 + (6.6 * at), 700 - (12 * row), listing[row][at].ToString(), 11));
            }
        }
        Assert.Equal(string.Join('\n', listing), Read(words.ToString(), Courier));
    }

    [Fact]
    public void Dots_of_a_table_of_contents_are_short_and_the_page_stays() =>
        Assert.Equal("1 Scope ... 3\n2 Terms and their meaning ... 17",
            Read(Lines(72, 700, 14, "1 Scope . . . . . . . . . . . . . . 3", "2 Terms and their meaning ................ 17")));

    [Fact]
    public void Lists_keep_bullets_and_numbers_with_their_items()
    {
        string content = Lines(72, 700, 14, "\u0095", "\u0095", "\u0095") + Lines(90, 700, 14, "first item of the list", "second item",
            "third item")
            + Lines(72, 640, 14, "1.", "2.", "3.") + Lines(96, 640, 14, "one", "two", "three");
        Assert.Equal("• first item of the list\n• second item\n• third item\n\n1. one\n2. two\n3. three", Read(content));
    }

    [Fact]
    public void Hebrew_is_read_from_the_right_and_numbers_in_it_from_the_left()
    {
        // On the page, from the left: the last letter of the last word first.
        byte[] pdf = Page(Shown(72, 700, "MYX 2026 \\(BA\\) MFLZ"), Mapped,
            further: [Unicode("<20> <3F> <0020>", "<41> <5B> <05D0>"), Descriptor]);
        string expected = string.Concat("ZLFM (AB) 2026 XYM".Select(static c => c is >= 'A' and <= 'Z' ? (char)(c - 'A' + 0x5D0) : c));
        Assert.Equal(expected, Files.TextOf(Files.Read("a.pdf", pdf)));
    }

    [Fact]
    public void Running_heads_and_page_numbers_are_left_out_and_told()
    {
        string[] chapters = ["On words", "On words", "On words", "On lines", "On pages", "On pages", "On pages", "On pages"];
        List<string> pages = [.. chapters
            .Select(static (chapter, i) =>
            Shown(72, 760, $"The manual: {chapter}", 9) + Shown(300, 40, $"{i + 1}", 9) + Lines(72, 700, 14,
            $"What page {(char)('a' + i)} says.", "It has more lines", "than one of them."))];
        Document document = Files.Read("a.pdf", Pages(pages, [Helvetica]));
        Assert.Equal("What page a says.\nIt has more lines\nthan one of them.", document.Parts[0].Text);
        Assert.All(document.Parts, static part => Assert.DoesNotContain("manual", part.Text, StringComparison.Ordinal));
        string note = Assert.Single(document.Notes);
        Assert.Contains("\"The manual: On pages\" (4 times)", note, StringComparison.Ordinal);
        Assert.Contains("\"The manual: On lines\" (once)", note, StringComparison.Ordinal);
        Assert.Contains("page numbers (8 times)", note, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_line_on_every_page_in_its_midst_is_no_running_head()
    {
        List<string> pages = [.. Enumerable.Range(0, 6)
            .Select(static i => Lines(72, 700, 14, $"Section {(char)('a' + i)}", "begins so", "and then", "Name and date:", "still more",
            "and again", $"ends with {(char)('u' + i)}"))];
        Document document = Files.Read("a.pdf", Pages(pages, [Helvetica]));
        Assert.All(document.Parts, static part => Assert.Contains("Name and date:", part.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Scans_are_named_as_such()
    {
        const string Scan = "q 600 0 0 780 0 0 cm\nBI /W 1 /H 1 /BPC 8 /CS /G\nID \u0080\nEI Q\n";
        Document document = Files.Read("a.pdf", Pages([Shown(72, 700, "A cover."), Scan, Scan, Scan, ""], [Helvetica]));
        Assert.Equal(["pages 2-4: a picture without text, as scanners make them (it needs text recognition first)",
            "page 5: no text (blank, or drawn without letters)"], document.Notes);
    }

    [Fact]
    public void An_encrypted_file_that_opens_without_a_password_is_read() =>
        Assert.Equal("Nobody asks for a password.",
            Files.TextOf(Files.Read("a.pdf", EncryptedPdf.Page(Shown(72, 700, "Nobody asks for a password."), Helvetica))));

    [Theory]
    [InlineData("anywhere")]
    [InlineData("at one point")]
    [InlineData("in one line")]
    [InlineData("in a grid")]
    [InlineData("small and large")]
    public void Dense_pages_take_time_in_proportion_to_their_letters(string where)
    {
        Read(Letters(500));
        double few = Seconds(Letters(4_000)), many = Seconds(Letters(32_000));
        // Eight times the letters: n log n is 10 times the time, n² 64 times. Half a second is for what a machine does besides.
        Assert.True(many < (20 * few) + 0.5, $"4,000 letters: {few:F2} s, 32,000: {many:F2} s");

        string Letters(int count)
        {
            Random random = new(7);
            int side = (int)Math.Sqrt(count);
            StringBuilder content = new();
            for (int i = 0; i < count; i++)
            {
                (double x, double y) = where switch
                {
                    "at one point" => (300, 400),
                    "in one line" => (random.NextDouble() * 600, 400),
                    "in a grid" => (i % side * 600.0 / side, i / side * 780.0 / side),
                    _ => (random.NextDouble() * 600, random.NextDouble() * 780),
                };
                double size = where == "small and large" ? random.Next(2) == 0 ? 4 : 40 : 5 + random.Next(7);
                content.Append(Shown(Math.Round(x, 2), Math.Round(y, 2), ((char)('a' + random.Next(26))).ToString(), size));
            }
            return content.ToString();
        }

        static double Seconds(string content)
        {
            Stopwatch watch = Stopwatch.StartNew();
            Read(content);
            return watch.Elapsed.TotalSeconds;
        }
    }
}
