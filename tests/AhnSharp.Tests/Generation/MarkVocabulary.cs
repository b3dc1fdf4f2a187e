using System.Linq;
using AhnSharp.Tests.Tokenizer;
using AhnSharp.Tokenizer;

namespace AhnSharp.Tests.Generation;

/// <summary>Small vocabularies that have the marks of calls in different ways.</summary>
internal static class MarkVocabulary
{
    /// <summary>In single bytes.</summary>
    public static QwenTokenizer Letters { get; } = SmallVocabulary.Tokenizer;

    /// <summary>In pieces that hold the end of a mark and what follows it, and the beginning of one behind other text.</summary>
    public static QwenTokenizer Across { get; } = QwenTokenizer.FromGguf(SmallVocabulary.Metadata(merges:
    [
        "t o", "to o", "too l", "_ c", "_c a", "_ca l", "_cal l", "> {", "> x", "> w", "> <", "> Ċ", ">Ċ Ċ", ". Ċ", "Ċ <", "Ċ Ċ", "Ġ <",
    ]));

    /// <summary>As control tokens, as some files say.</summary>
    public static QwenTokenizer Control { get; } = QwenTokenizer.FromGguf(SmallVocabulary.Metadata(values =>
    {
        string[] tokens = (string[])values["tokenizer.ggml.tokens"];
        int[] types = (int[])values["tokenizer.ggml.token_type"];
        tokens[^2] = "</tool_call>";
        foreach (int mark in new[] { tokens.ToList().IndexOf("<tool_call>"), tokens.Length - 2 }) types[mark] = 3;
    }));
}
