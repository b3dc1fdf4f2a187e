using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace AhnSharp.Cli.Help;

/// <summary>A page of help as troff, for <c>man</c>.</summary>
internal static class ManPage
{
    /// <summary>The name of its file: ahn-run.1.</summary>
    internal static string FileName(HelpPage page) => page.Name.Replace(' ', '-') + ".1";

    internal static string Of(HelpPage page, string version)
    {
        StringBuilder text = new();
        string name = page.Name.Replace(' ', '-');
        text.Append(CultureInfo.InvariantCulture, $".TH {name.ToUpperInvariant()} 1 \"\" \"ahn {version}\"\n");
        text.Append(CultureInfo.InvariantCulture, $".SH NAME\n{name} \\- {Escaped(page.Summary.TrimEnd('.'))}\n");
        text.Append(CultureInfo.InvariantCulture, $".SH SYNOPSIS\n{Escaped(page.Usage)}\n");
        foreach ((string heading, IReadOnlyList<(string Term, string Meaning)> rows) in page.Sections)
        {
            text.Append(CultureInfo.InvariantCulture, $".SH {Escaped(heading.ToUpperInvariant())}\n");
            foreach ((string term, string meaning) in rows)
                text.Append(CultureInfo.InvariantCulture, $".TP\n\\fB{Escaped(term)}\\fR\n{Escaped(meaning)}\n");
        }
        if (page.Examples.Count > 0) text.Append(".SH EXAMPLES\n");
        foreach ((string line, string meaning) in page.Examples)
            text.Append(CultureInfo.InvariantCulture, $".TP\n\\fB{Escaped(line)}\\fR\n{Escaped(meaning)}\n");
        text.Append(".SH EXIT STATUS\n");
        foreach ((string code, string meaning) in ExitCodes)
            text.Append(CultureInfo.InvariantCulture, $".TP\n\\fB{code}\\fR\n{Escaped(meaning)}\n");
        return text.ToString();
    }

    /// <summary>The exit codes of every command.</summary>
    internal static IReadOnlyList<(string Code, string Meaning)> ExitCodes { get; } =
    [
        ("0", "Done."),
        ("1", "Something failed: a file that is missing or broken, a text over the context, no network."),
        ("2", "The command line cannot be meant."),
        ("130", "Interrupted by Ctrl-C."),
        ("141", "Whoever read the output has left."),
        ("143", "Ended by SIGTERM."),
    ];

    // A dot or an apostrophe at the beginning of a line is a request; a hyphen is one sign and a minus another.
    private static string Escaped(string text)
    {
        string safe = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return safe.StartsWith('.') || safe.StartsWith('\'') ? "\\&" + safe : safe;
    }
}
