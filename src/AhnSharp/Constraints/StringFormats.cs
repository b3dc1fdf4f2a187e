using System;
using System.Collections.Generic;

namespace AhnSharp.Constraints;

/// <summary>The formats of strings that are known, as expressions. Dates are days that the calendar has, from the year 1 on.</summary>
internal static class StringFormats
{
    private const string Octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private const string Ipv4 = $"{Octet}(\\.{Octet}){{3}}";
    private const string Year = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})";
    private const string Fours = "0[48]|[2468][048]|[13579][26]";
    private const string LeapYear = $"([0-9]{{2}}({Fours})|({Fours})00)";
    private const string Date = $"({Year}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|"
        + $"02-(0[1-9]|1[0-9]|2[0-8]))|{LeapYear}-02-29)";
    private const string Time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,7})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])";
    private const string Label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private const string Host = $"{Label}(\\.{Label}){{0,3}}";
    private const string Path = "([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*";
    private const string Query = "([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*";
    private const string Atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
    private const string Hex = "[0-9A-Fa-f]";
    private const string Group = $"{Hex}{{1,4}}";

    private static readonly Dictionary<string, string> s_patterns = new(StringComparer.Ordinal)
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = $"{Date}T{Time}",
        ["duration"] =
            "P(([0-9]{1,9}Y)([0-9]{1,9}M([0-9]{1,9}D)?)?|[0-9]{1,9}M([0-9]{1,9}D)?|[0-9]{1,9}D|[0-9]{1,9}W)"
            + "|P([0-9]{1,9}Y)?([0-9]{1,9}M)?([0-9]{1,9}D)?"
            + "T([0-9]{1,9}H([0-9]{1,9}M([0-9]{1,9}S)?)?|[0-9]{1,9}M([0-9]{1,9}S)?|[0-9]{1,9}S)",
        ["email"] = $"({Atom}{{1,64}}|{Atom}{{1,20}}(\\.{Atom}{{1,20}}){{1,2}})@({Label}\\.){{1,3}}[A-Za-z]{{2,24}}",
        ["hostname"] = Host,
        ["ipv4"] = Ipv4,
        ["ipv6"] = $"({Group}:){{7}}{Group}|({Group}:){{1,7}}:|({Group}:){{1,6}}:{Group}|({Group}:){{1,5}}(:{Group}){{1,2}}"
            + $"|({Group}:){{1,4}}(:{Group}){{1,3}}|({Group}:){{1,3}}(:{Group}){{1,4}}|({Group}:){{1,2}}(:{Group}){{1,5}}"
            + $"|{Group}:(:{Group}){{1,6}}|:(:{Group}){{1,7}}|::",
        ["uri"] = $"[A-Za-z][A-Za-z0-9+.-]{{0,20}}:(//({Host}|{Ipv4})(:[0-9]{{1,4}})?(/{Path})?|[A-Za-z0-9._~!$&'()*+,;=:@-]{Path})"
            + $"(\\?{Query})?(#{Query})?",
        ["uuid"] = $"{Hex}{{8}}-{Hex}{{4}}-{Hex}{{4}}-{Hex}{{4}}-{Hex}{{12}}",
    };

    public static string Names => string.Join(", ", s_patterns.Keys);

    /// <summary>The texts of a format; null where it is not known.</summary>
    public static Node? Find(string format) => s_patterns.TryGetValue(format, out string? pattern) ? RegexParser.Whole(pattern) : null;
}
