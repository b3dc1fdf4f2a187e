using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>Answers as words to compare: lower case, no punctuation, no English articles.</summary>
/// <remarks>
/// The steps, in this order, are those of SQuAD's evaluation, which LongBench (2e00731f, metrics.py), LV-Eval (63e7ae93, metrics.py) and
/// InfiniteBench (88b3daa6, compute_scores.py) share.
/// </remarks>
internal static partial class AnswerText
{
    private const string ChinesePunctuation =
        "！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃》「」『』【】〔〕〖〗〘〙〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏.";

    /// <summary>English words.</summary>
    internal static string[] Words(string answer) =>
        Split(Articles().Replace(Keep(answer.ToLowerInvariant(), c => !IsAsciiPunctuation(c)), " "));

    /// <summary>Chinese, a character a word.</summary>
    internal static string[] Characters(string answer) =>
        [.. Keep(answer.ToLowerInvariant(), c => !IsAsciiPunctuation(c) && !ChinesePunctuation.Contains(c) && !IsSpace(c))
            .EnumerateRunes().Select(rune => rune.ToString())];

    /// <summary>Words between white space.</summary>
    internal static string[] Split(string text)
    {
        var words = new List<string>();
        for (int i = 0, start = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !IsSpace(text[i])) continue;
            if (i > start) words.Add(text[start..i]);
            start = i + 1;
        }
        return [.. words];
    }

    /// <summary>The answer with each of <paramref name="separators"/> made a blank.</summary>
    internal static string Blank(string answer, string separators) => string.Concat(answer.Select(c => separators.Contains(c) ? ' ' : c));

    private static string Keep(string text, Predicate<char> keeps) => string.Concat(text.Where(c => keeps(c)));

    // The 32 that are punctuation or symbols in ASCII.
    private static bool IsAsciiPunctuation(char c) => c is >= '!' and <= '/' or >= ':' and <= '@' or >= '[' and <= '`' or >= '{' and <= '~';

    // The four information separators part words in Python, and not in .NET.
    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    [GeneratedRegex(@"\b(a|an|the)\b")]
    private static partial Regex Articles();
}
