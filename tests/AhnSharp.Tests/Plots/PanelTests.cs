using System;
using System.Globalization;
using System.Linq;
using System.Xml.Linq;
using AhnSharp.Plots;
using Xunit;

namespace AhnSharp.Tests.Plots;

public sealed class PanelTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Colours_rise_evenly_in_lightness()
    {
        double[] lightness = [.. Enumerable.Range(0, 101).Select(i => Lightness(ColorScale.At(i / 100.0)))];
        for (int i = 1; i < lightness.Length; i++)
            Assert.True(lightness[i] > lightness[i - 1], $"at {i} %: {lightness[i - 1]:F3} to {lightness[i]:F3}");
        for (int i = 10; i < lightness.Length; i += 10) Assert.InRange(lightness[i] - lightness[i - 10], 4, 13);
        Assert.Equal(ColorScale.At(0), ColorScale.At(-5));
        Assert.Equal(ColorScale.At(1), ColorScale.At(5));
    }

    [Fact]
    public void A_missing_value_has_its_own_colour_and_a_key()
    {
        HeatMap map = PlotSamples.Map("m", 2, 2, (r, c) => r == c ? float.NaN : 1) with { MissingLabel = "does not decay" };
        XElement svg = XDocument.Parse(map.ToSvg()).Root!;
        // Two cells and the key.
        Assert.Equal(3, svg.Elements(Svg + "rect").Count(rect => (string)rect.Attribute("fill")! == PlotColors.Missing));
        Assert.Contains("does not decay", svg.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("does not decay", (map with { Values = new float[2, 2] }).ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_beyond_a_fixed_scale_take_its_ends()
    {
        HeatMap map = PlotSamples.Map("m", 1, 2, (_, c) => c == 0 ? -50 : 50) with { Minimum = 0, Maximum = 1 };
        string[] fills =
            [.. XDocument.Parse(map.ToSvg()).Root!.Elements(Svg + "rect").Skip(1).Take(2).Select(rect => (string)rect.Attribute("fill")!)];
        Assert.Equal([ColorScale.At(0), ColorScale.At(1)], fills);
    }

    [Fact]
    public void A_gap_cuts_the_line_and_a_lone_point_has_a_mark()
    {
        double[] ys = [1, 2, double.NaN, 3, double.NaN, 4, 5];
        XElement svg =
            XDocument.Parse(PlotSamples.Chart("gaps", new ChartSeries("a", [.. ys.Select((y, i) => new ChartPoint(i, y))])).ToSvg()).Root!;
        Assert.Equal(2, svg.Descendants(Svg + "polyline").Count());
        // Five points and the legend's.
        Assert.Equal(6, svg.Descendants(Svg + "circle").Count());
    }

    [Fact]
    public void Bands_markers_and_the_legend_are_drawn()
    {
        XElement svg = XDocument.Parse(PlotSamples.All["three lines of 1,000 points"].ToSvg()).Root!;
        // Three bands, each cut once.
        Assert.Equal(6, svg.Descendants(Svg + "polygon").Count(polygon => polygon.Attribute("fill-opacity") is not null));
        string[] texts = [.. svg.Elements(Svg + "text").Select(text => text.Value)];
        foreach (string text in new[] { "full", "window", "ahn", "window ends", "a second mark", "last", "chance", "1k", "100k" })
            Assert.Contains(text, texts);
        Assert.Equal(4, svg.Elements(Svg + "line").Count(line => line.Attribute("stroke-dasharray") is not null));
    }

    [Fact]
    public void A_marker_outside_the_axis_is_not_drawn() =>
        Assert.DoesNotContain(
            "far", (PlotSamples.Chart("m", PlotSamples.Line("a", 3, 1, x => x)) with { XMarkers = [new(99, "far")] }).ToSvg(),
            StringComparison.Ordinal);

    [Fact]
    public void What_cannot_be_drawn_is_named()
    {
        Refused(PlotSamples.Map("state", 2, 2, (r, c) => r == 1 && c == 0 ? float.PositiveInfinity : 1), "state", "layer 1", "Infinity");
        Refused(PlotSamples.Map("state", 1, 1, (_, _) => 0) with { LogValues = true }, "above 0");
        Refused(PlotSamples.Map("state", 1, 1, (_, _) => 0) with { Rows = ["a", "b"] }, "[2, 1]", "[1, 1]");
        Refused(PlotSamples.Chart("c", new ChartSeries("s", [new(2, 1), new(1, 1)])), "ascending", "\"s\"");
        Refused(PlotSamples.Chart("c", new ChartSeries("s", [new(0, 1)])) with { LogX = true }, "logarithmic");
        Refused(PlotSamples.Chart("c", new ChartSeries("s", [new(1, 1, -1, 2)])) with { LogY = true }, "logarithmic");
        Refused(PlotSamples.Chart("c", new ChartSeries("s", [new(1, double.NegativeInfinity)])), "Infinity");
    }

    private static void Refused(Panel panel, params string[] named)
    {
        string message = Assert.Throws<ArgumentException>(() => panel.ToSvg()).Message;
        foreach (string part in named) Assert.Contains(part, message, StringComparison.Ordinal);
    }

    /// <summary>L* of CIE Lab, 0 … 100.</summary>
    private static double Lightness(string color)
    {
        double[] weights = [0.2126, 0.7152, 0.0722];
        double y = 0;
        for (int i = 0; i < 3; i++)
        {
            double c = int.Parse(color.AsSpan(1 + 2 * i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            y += weights[i] * (c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4));
        }
        return y <= 0.008856 ? 903.3 * y : 116 * Math.Cbrt(y) - 16;
    }
}
