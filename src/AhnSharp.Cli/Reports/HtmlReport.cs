using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using AhnSharp.Cli.Display;
using AhnSharp.Plots;

namespace AhnSharp.Cli.Reports;

/// <summary>
/// One page that explains itself: what was measured, on what, what it means, the numbers and drawings beside it. It needs nothing but a
/// browser: no script, no other file, no network.
/// </summary>
/// <remarks>
/// The only place that writes HTML, and escapes text. Names come from files of strangers: <see cref="TerminalText"/> takes out of them
/// what is no text to look at, and the policy of the page allows no script, whatever they hold.
/// </remarks>
internal sealed class HtmlReport
{
    private const double NarrowWidth = 360;
    private readonly StringBuilder _body = new();
    private readonly string _title;
    private int _drawings;

    /// <param name="title">The page's name and heading.</param>
    /// <param name="lead">The result in one or two plain sentences.</param>
    internal HtmlReport(string title, string lead)
    {
        _title = title;
        _body.Append(CultureInfo.InvariantCulture, $"<h1>{Escape(title)}</h1>\n<p class=\"lead\">{Escape(lead)}</p>\n");
    }

    internal void Section(string heading) => _body.Append(CultureInfo.InvariantCulture, $"<h2>{Escape(heading)}</h2>\n");

    internal void Paragraph(string text) => _body.Append(CultureInfo.InvariantCulture, $"<p>{Escape(text)}</p>\n");

    /// <summary>Labels and values; a value of <paramref name="asCode"/> is a line to type.</summary>
    internal void Facts(IEnumerable<(string Label, string Value)> facts, string? asCode = null)
    {
        _body.Append("<dl>\n");
        foreach ((string label, string value) in facts)
        {
            string shown = label == asCode ? $"<code>{Escape(value)}</code>" : Escape(value);
            _body.Append(CultureInfo.InvariantCulture, $"<dt>{Escape(label)}</dt><dd>{shown}</dd>\n");
        }
        _body.Append("</dl>\n");
    }

    /// <summary>Every section of a sheet of facts, as the command prints it.</summary>
    internal void Facts(FactSheet sheet)
    {
        foreach ((string section, IReadOnlyList<(string Label, string Value)> facts) in sheet.Sections)
        {
            Section(section);
            Facts(facts);
        }
    }

    /// <summary>The first column is of words, the others of numbers.</summary>
    internal void Table(IEnumerable<string> columns, IEnumerable<IEnumerable<string>> rows)
    {
        _body.Append("<div class=\"scroll\"><table>\n<tr>");
        foreach (string column in columns) _body.Append(CultureInfo.InvariantCulture, $"<th>{Escape(column)}</th>");
        _body.Append("</tr>\n");
        foreach (IEnumerable<string> row in rows)
        {
            _body.Append("<tr>");
            foreach (string cell in row) _body.Append(CultureInfo.InvariantCulture, $"<td>{Escape(cell)}</td>");
            _body.Append("</tr>\n");
        }
        _body.Append("</table></div>\n");
    }

    /// <summary>Drawings, each in its wide form and in one for a phone; paper breaks between them, not within.</summary>
    internal void Draw(IEnumerable<Panel> panels)
    {
        foreach (Panel panel in panels)
        {
            Figure figure = new() { Panels = [panel] };
            _body.Append("<figure>\n");
            Append(figure, "wide");
            Append(figure with { Width = NarrowWidth }, "narrow");
            _body.Append("</figure>\n");
        }
    }

    /// <summary>The whole page.</summary>
    internal byte[] ToBytes() => Encoding.UTF8.GetBytes($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="generator" content="ahn {Escape(BuildInfo.Version)}">
        <title>{Escape(_title)}</title>
        <style>
        {ReportStyle.Sheet}
        </style>
        </head>
        <body>
        {_body}<footer>Made by ahn {Escape(BuildInfo.Version)} (commit {Escape(BuildInfo.Commit)}), which measured all of it on the machine
        named above.</footer>
        </body>
        </html>

        """);

    // Every drawing of a page numbers its clips from 1, and names are the page's: each gets a prefix. Text in a drawing has no bare quote.
    private void Append(Figure figure, string form)
    {
        string prefix = string.Create(CultureInfo.InvariantCulture, $"d{++_drawings}-");
        _body.Append(CultureInfo.InvariantCulture, $"<div class=\"{form}\">\n")
            .Append(figure.ToSvg().Replace("id=\"clip", $"id=\"{prefix}clip", StringComparison.Ordinal)
                .Replace("\"url(#clip", $"\"url(#{prefix}clip", StringComparison.Ordinal))
            .Append("</div>\n");
    }

    private static string Escape(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char character in TerminalText.Line(text))
        {
            _ = character switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                _ => escaped.Append(character),
            };
        }
        return escaped.ToString();
    }
}
