using System;
using System.Globalization;
using System.Linq;
using System.Xml.Linq;
using AhnSharp.Plots;
using Xunit;

namespace AhnSharp.Tests.Plots;

public sealed class FigureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static TheoryData<string> Names => [.. PlotSamples.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_drawing_is_valid_XML_and_stays_on_its_page(string name)
    {
        XElement svg = XDocument.Parse(PlotSamples.All[name].ToSvg()).Root!;
        Assert.Equal(Svg + "svg", svg.Name);
        double width = Number(svg, "width"), height = Number(svg, "height");
        Assert.InRange(height, 50, 1000);
        foreach (XElement text in svg.Descendants(Svg + "text"))
        {
            double x = Number(text, "x"), y = Number(text, "y"), length = Lettering.Width(Letters(text), Number(text, "font-size"));
            string anchor = (string?)text.Attribute("text-anchor") ?? "start";
            double before = anchor switch { "start" => 0, "middle" => length / 2, _ => length };
            (double low, double high, double room) = text.Attribute(
                "transform") is null ? (x - before, x - before + length, width) : (y - (length - before), y + before, height);
            Assert.True(low >= -0.5 && high <= room + 0.5, $"\"{Letters(text)}\" takes {low:F1} … {high:F1} of 0 … {room:F1}");
        }
        foreach (XElement element in svg.Descendants(Svg + "rect"))
        {
            Assert.InRange(Number(element, "x"), 0, width);
            Assert.InRange(Number(element, "x") + Number(element, "width"), 0, width + 0.01);
            Assert.InRange(Number(element, "y") + Number(element, "height"), 0, height + 0.01);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_values_give_the_same_bytes_in_any_culture(string name)
    {
        string first = PlotSamples.All[name].ToSvg();
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            comma.NumberFormat.NegativeSign = "neg";
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(first, PlotSamples.All[name].ToSvg());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        Assert.DoesNotContain('\r', first);
        Assert.DoesNotContain("NaN", first, StringComparison.Ordinal);
    }

    [Fact]
    public void Panels_stand_below_each_other()
    {
        Panel first = PlotSamples.All["two points"], second = PlotSamples.All["one cell"];
        XElement svg = XDocument.Parse(new Figure { Title = "Both", Subtitle = "how", Panels = [first, second] }.ToSvg()).Root!;
        double[] titles = [.. new[] { "Both", "how", first.Title, second.Title }.Select(
            title => Number(svg.Elements(Svg + "text").Single(text => Letters(text) == title), "y"))];
        Assert.Equal(titles.Order(), titles);
        Assert.True(titles[3] - titles[2] > 250);
    }

    [Fact]
    public void Text_is_escaped_and_what_XML_cannot_hold_is_replaced()
    {
        XElement svg = XDocument.Parse(PlotSamples.All["nasty characters"].ToSvg()).Root!;
        Assert.Equal("a < b & \"c\" > d\uFFFD \uFFFD 語", svg.Element(Svg + "title")!.Value);
    }

    [Fact]
    public void A_figure_without_panels_or_too_narrow_is_refused()
    {
        Assert.Contains(
            "panel", Assert.Throws<ArgumentException>(() => new Figure { Panels = [] }.ToSvg()).Message, StringComparison.Ordinal);
        Assert.Contains("320", Assert.Throws<ArgumentException>(
            () => new Figure { Panels = [PlotSamples.All["one cell"]], Width = 100 }.ToSvg()).Message, StringComparison.Ordinal);
    }

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    private static string Letters(XElement text) => string.Concat(text.Nodes().OfType<XText>().Select(node => node.Value));
}
