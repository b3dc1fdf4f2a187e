using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>A vocabulary as GGUF stores it: one text and one type a row of the embedding, and the merges.</summary>
internal sealed record TokenTable
{
    public const int Normal = 1, Control = 3, UserDefined = 4, Unused = 5;

    public required string[] Tokens { get; init; }

    /// <summary>
    /// The numbers that llama.cpp gives to token types; <see cref="Unused"/> marks rows beyond the tokenizer, never sampled.
    /// </summary>
    public required int[] Types { get; init; }

    public required string[] Merges { get; init; }

    /// <summary>All tokens that end a text; the first is the one that ends a turn.</summary>
    public IReadOnlyList<int> EndTokens { get; init; } = [];

    public int? PaddingToken { get; init; }

    public int? BeginToken { get; init; }

    public bool AddBegin { get; init; }

    /// <summary>Whether the first end token stands behind every text that is embedded; null: the folder does not say.</summary>
    public bool? AddEnd { get; init; }

    public string? ChatTemplate { get; init; }

    public int UnusedCount => Types.Count(type => type == Unused);

    public static string UnusedText(int id) => string.Create(CultureInfo.InvariantCulture, $"[PAD{id}]");

    public void AddTo(GgufWriter writer)
    {
        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.pre", "qwen2");
        writer.Add("tokenizer.ggml.tokens", Tokens);
        writer.Add("tokenizer.ggml.token_type", Types);
        writer.Add("tokenizer.ggml.merges", Merges);
        if (EndTokens.Count > 0) writer.Add("tokenizer.ggml.eos_token_id", (uint)EndTokens[0]);
        if (EndTokens.Count > 1) writer.Add("tokenizer.ggml.eos_token_ids", EndTokens.ToArray());
        if (PaddingToken is { } padding) writer.Add("tokenizer.ggml.padding_token_id", (uint)padding);
        if (BeginToken is { } begin) writer.Add("tokenizer.ggml.bos_token_id", (uint)begin);
        writer.Add("tokenizer.ggml.add_bos_token", AddBegin);
        if (AddEnd is { } addsEnd) writer.Add("tokenizer.ggml.add_eos_token", addsEnd);
        if (ChatTemplate is not null) writer.Add("tokenizer.chat_template", ChatTemplate);
    }
}
