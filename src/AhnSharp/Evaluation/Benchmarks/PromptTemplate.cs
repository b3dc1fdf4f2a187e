using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>A prompt with places to fill, written <c>{name}</c>.</summary>
internal static class PromptTemplate
{
    /// <summary>Fills every place once; what is filled in is not looked at again, so that a text may hold braces.</summary>
    internal static string Fill(string template, IReadOnlyDictionary<string, string> values)
    {
        var filled = new StringBuilder(template.Length);
        for (int i = 0; i < template.Length;)
        {
            int open = template.IndexOf('{', i), close = open < 0 ? -1 : template.IndexOf('}', open);
            if (close < 0) return filled.Append(template.AsSpan(i)).ToString();
            string name = template[(open + 1)..close];
            if (!values.TryGetValue(name, out string? value))
                throw new InvalidDataException($"the prompt asks for {{{name}}}, which the item does not have");
            filled.Append(template.AsSpan(i, open - i)).Append(value);
            i = close + 1;
        }
        return filled.ToString();
    }
}
