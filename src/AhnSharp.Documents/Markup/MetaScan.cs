using System;
using System.Buffers;
using System.Text;
using AhnSharp.Documents.Text;

namespace AhnSharp.Documents.Markup;

/// <summary>
/// Looks for the encoding that a page declares: <c>&lt;meta charset&gt;</c>, or <c>content</c> beside
/// <c>http-equiv</c>, outside comments and scripts.
/// </summary>
/// <remarks>
/// A label that nobody knows is no declaration. Source: HTML standard, "prescan a byte stream to determine its encoding".
/// </remarks>
internal static class MetaScan
{
    private static readonly SearchValues<char> s_ends = SearchValues.Create(" \t\n\r\f;");

    public static Encoding? Find(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IndexOf("<meta"u8) < 0 && bytes.IndexOf("<META"u8) < 0 && bytes.IndexOf("<Meta"u8) < 0) return null;
        MarkupReader tags = new(Encoding.Latin1.GetString(bytes), MarkupKind.Html);
        while (tags.Read())
        {
            if (tags.Token != MarkupToken.Open || tags.Name != "meta") continue;
            string? label = tags.Attribute("charset");
            if (label is null && string.Equals(tags.Attribute("http-equiv")?.Trim(), "content-type", StringComparison.OrdinalIgnoreCase))
                label = FromContent(tags.Attribute("content") ?? "");
            if (label is not null && EncodingLabels.Find(label) is { } encoding) return encoding;
        }
        return null;
    }

    // text/html; charset=koi8-r
    private static string? FromContent(string content)
    {
        for (int at = 0; (at = content.IndexOf("charset", at, StringComparison.OrdinalIgnoreCase)) >= 0;)
        {
            at += 7;
            ReadOnlySpan<char> rest = content.AsSpan(at).TrimStart();
            if (rest.IsEmpty || rest[0] != '=') continue;
            rest = rest[1..].TrimStart();
            if (rest.IsEmpty) return null;
            if (rest[0] is '"' or '\'')
            {
                int close = rest[1..].IndexOf(rest[0]);
                return close < 0 ? null : rest.Slice(1, close).ToString();
            }
            int end = rest.IndexOfAny(s_ends);
            return (end < 0 ? rest : rest[..end]).ToString();
        }
        return null;
    }
}
