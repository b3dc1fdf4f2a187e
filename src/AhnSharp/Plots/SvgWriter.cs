using System;
using System.Globalization;
using System.Text;

namespace AhnSharp.Plots;

/// <summary>Writes one SVG 1.1 document: the only place that writes elements, escapes text and turns numbers into digits.</summary>
/// <remarks>
/// Lengths are pixels from the upper left corner. The same calls give the same bytes on every machine: numbers have at most two decimals
/// and a point, lines end with one line feed. Text may hold any character; those that XML cannot hold are shown as U+FFFD.
/// </remarks>
internal sealed class SvgWriter
{
    /// <summary>What every text is drawn in: whatever sans-serif the reader's machine has.</summary>
    private const string Fonts =
        "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', Arial, sans-serif";

    private readonly StringBuilder _svg = new();
    private int _clips;
    private bool _ended;

    /// <summary>Begins a document on a background of its own, so that it reads the same on light and on dark pages.</summary>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="title">Read aloud and shown as the document's name.</param>
    public SvgWriter(double width, double height, string title)
    {
        _svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Digits(width)}\" height=\"{Digits(height)}\" ")
            .Append(
                CultureInfo.InvariantCulture, $"viewBox=\"0 0 {Digits(width)} {Digits(height)}\" role=\"img\" font-family=\"{Fonts}\">\n");
        AppendTitle(title);
        _svg.Append('\n');
        Rectangle(0, 0, width, height, PlotColors.Background);
    }

    /// <summary>A filled rectangle.</summary>
    /// <param name="x">Left edge.</param>
    /// <param name="y">Upper edge.</param>
    /// <param name="width">0 or more.</param>
    /// <param name="height">0 or more.</param>
    /// <param name="fill">A colour, such as <c>#0072B2</c>.</param>
    /// <param name="crisp">Edges fall on whole pixels, so that neighbours show no seam.</param>
    /// <param name="tip">Shown by viewers that point at it; null: nothing.</param>
    public void Rectangle(double x, double y, double width, double height, string fill, bool crisp = false, string? tip = null)
    {
        _svg.Append("<rect");
        Attribute("x", x);
        Attribute("y", y);
        Attribute("width", width);
        Attribute("height", height);
        Attribute("fill", fill);
        if (crisp) Attribute("shape-rendering", "crispEdges");
        End("rect", tip);
    }

    /// <summary>A straight line; <paramref name="dash"/> such as <c>4 3</c>: drawn, left out.</summary>
    public void Line(double x1, double y1, double x2, double y2, string stroke, double width = 1, string? dash = null)
    {
        _svg.Append("<line");
        Attribute("x1", x1);
        Attribute("y1", y1);
        Attribute("x2", x2);
        Attribute("y2", y2);
        Attribute("stroke", stroke);
        Attribute("stroke-width", width);
        if (dash is not null) Attribute("stroke-dasharray", dash);
        End("line", null);
    }

    /// <summary>An open line through at least two points.</summary>
    public void Polyline(ReadOnlySpan<(double X, double Y)> points, string stroke, double width)
    {
        _svg.Append("<polyline");
        Points(points);
        Attribute("fill", "none");
        Attribute("stroke", stroke);
        Attribute("stroke-width", width);
        Attribute("stroke-linejoin", "round");
        Attribute("stroke-linecap", "round");
        End("polyline", null);
    }

    /// <summary>A closed, filled figure through at least three points; <paramref name="opacity"/> in 0 … 1.</summary>
    public void Polygon(ReadOnlySpan<(double X, double Y)> points, string fill, double opacity = 1)
    {
        _svg.Append("<polygon");
        Points(points);
        Attribute("fill", fill);
        if (opacity < 1) Attribute("fill-opacity", opacity);
        End("polygon", null);
    }

    /// <summary>A filled disc.</summary>
    public void Disc(double x, double y, double radius, string fill)
    {
        _svg.Append("<circle");
        Attribute("cx", x);
        Attribute("cy", y);
        Attribute("r", radius);
        Attribute("fill", fill);
        End("circle", null);
    }

    /// <summary>One line of text.</summary>
    /// <param name="x">Where its <paramref name="anchor"/> stands.</param>
    /// <param name="y">Its baseline.</param>
    /// <param name="text">Any characters; what does not fit is the caller's to cut.</param>
    /// <param name="size">Font size.</param>
    /// <param name="anchor">Which end of the text x names.</param>
    /// <param name="fill">Its colour.</param>
    /// <param name="bold">Whether it is bold.</param>
    /// <param name="turned">Reads from bottom to top, turned about (x, y).</param>
    /// <param name="tip">The whole text where <paramref name="text"/> is cut.</param>
    public void Text(
        double x, double y, string text, double size, SvgAnchor anchor = SvgAnchor.Start, string fill = PlotColors.Ink, bool bold = false,
        bool turned = false, string? tip = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        _svg.Append("<text");
        Attribute("x", x);
        Attribute("y", y);
        Attribute("font-size", size);
        if (anchor != SvgAnchor.Start) Attribute("text-anchor", anchor == SvgAnchor.Middle ? "middle" : "end");
        if (bold) Attribute("font-weight", "600");
        Attribute("fill", fill);
        if (turned) Attribute("transform", $"rotate(-90 {Digits(x)} {Digits(y)})");
        _svg.Append('>');
        if (tip is not null) AppendTitle(tip);
        Escape(text);
        _svg.Append("</text>\n");
    }

    /// <summary>What follows is cut off at the rectangle, until <see cref="EndClip"/>.</summary>
    public void BeginClip(double x, double y, double width, double height)
    {
        string id = "clip" + (++_clips).ToString(CultureInfo.InvariantCulture);
        _svg.Append(CultureInfo.InvariantCulture, $"<clipPath id=\"{id}\"><rect");
        Attribute("x", x);
        Attribute("y", y);
        Attribute("width", width);
        Attribute("height", height);
        _svg.Append(CultureInfo.InvariantCulture, $"/></clipPath>\n<g clip-path=\"url(#{id})\">\n");
    }

    /// <summary>Ends <see cref="BeginClip"/>.</summary>
    public void EndClip() => _svg.Append("</g>\n");

    /// <summary>Ends the document and returns it; nothing can be drawn after it.</summary>
    public string Finish()
    {
        if (!_ended) _svg.Append("</svg>\n");
        _ended = true;
        return _svg.ToString();
    }

    /// <summary>A number with at most two decimals, never −0.</summary>
    private static string Digits(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), $"Expected a finite number of pixels, found {value}.");
        double rounded = Math.Round(value, 2);
        return (rounded == 0 ? 0 : rounded).ToString("0.##", CultureInfo.InvariantCulture);
    }

    private void Points(ReadOnlySpan<(double X, double Y)> points)
    {
        _svg.Append(" points=\"");
        for (int i = 0; i < points.Length; i++)
        {
            if (i > 0) _svg.Append(' ');
            _svg.Append(Digits(points[i].X)).Append(',').Append(Digits(points[i].Y));
        }
        _svg.Append('"');
    }

    private void Attribute(string name, double value) => Attribute(name, Digits(value));

    private void Attribute(string name, string value)
    {
        _svg.Append(' ').Append(name).Append("=\"");
        Escape(value);
        _svg.Append('"');
    }

    private void End(string element, string? tip)
    {
        if (tip is null)
        {
            _svg.Append("/>\n");
            return;
        }
        _svg.Append('>');
        AppendTitle(tip);
        _svg.Append("</").Append(element).Append(">\n");
    }

    private void AppendTitle(string title)
    {
        _svg.Append("<title>");
        Escape(title);
        _svg.Append("</title>");
    }

    private void Escape(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '&': _svg.Append("&amp;"); break;
                case '<': _svg.Append("&lt;"); break;
                case '>': _svg.Append("&gt;"); break;
                case '"': _svg.Append("&quot;"); break;
                case '\t' or '\n' or '\r': _svg.Append(' '); break;
                case < ' ' or 0xFFFE or 0xFFFF: _svg.Append('\uFFFD'); break;
                default: _svg.Append(rune.ToString()); break;
            }
        }
    }
}
