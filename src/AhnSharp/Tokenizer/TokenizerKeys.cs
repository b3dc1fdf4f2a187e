using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer;

/// <summary>The <c>tokenizer.ggml.*</c> keys as publishers write them: what is missing or of no use is put right and noted, what would
/// give other ids is refused.</summary>
internal sealed class TokenizerKeys(GgufMetadata metadata)
{
    public const string Prefix = "tokenizer.ggml.";

    // Names that converters give the same regular expression: the family's own, and fine-tunings of it (llama.cpp treats them as one).
    private static readonly string[] SamePattern = ["qwen2", "deepseek-r1-qwen", "megrez", "kormo", "f2llmv2"];

    private readonly List<string> _notes = [];

    /// <summary>What was put right, a sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Refuses tokenizers of another kind, by name.</summary>
    public void CheckKind()
    {
        string model = metadata.GetStringOrNull(Prefix + "model") ?? "none";
        if (model != "gpt2")
        {
            throw new InvalidModelException($"{Prefix}model: expected \"gpt2\" (the tokenizer of Qwen2 and Qwen2.5), "
                + $"found {(model == "none" ? model : GgufText.Quote(model))}.");
        }
        string architecture = metadata.GetStringOrNull("general.architecture") ?? "";
        string? pattern = metadata.GetStringOrNull(Prefix + "pre");
        if (pattern is null && architecture.StartsWith("qwen", StringComparison.Ordinal))
        {
            _notes.Add($"{Prefix}pre is missing, as early converters left it: the words of Qwen2 are assumed.");
        }
        else if (!SamePattern.Contains(pattern))
        {
            throw new InvalidModelException(
                $"{Prefix}pre: expected one of {string.Join(", ", SamePattern)} (the words of Qwen2), "
                    + $"found {(pattern is null ? "none" : GgufText.Quote(pattern))}; text would be cut into other tokens.");
        }
        if (metadata.GetBool(Prefix + "add_space_prefix", false))
        {
            throw new InvalidModelException(
                $"{Prefix}add_space_prefix: expected false, since no text of the family begins with an added space, found true.");
        }
    }

    /// <summary>The type of every token, derived from what tokens look like where the file has none.</summary>
    public int[] Types(string[] tokens)
    {
        if (metadata.GetInt32ArrayOrNull(Prefix + "token_type") is { } types) return types;
        HashSet<int> ends = [.. metadata.GetInt32ArrayOrNull(Prefix + "eos_token_ids") ?? []];
        foreach (string key in new[] { "eos_token_id", "eot_token_id", "eom_token_id", "bos_token_id" })
        {
            if (Id(key, tokens.Length) is int id) ends.Add(id);
        }
        _notes.Add($"{Prefix}token_type is missing: tokens that look like <|name|> or that end a text are taken for control tokens.");
        return [.. tokens.Select((token, id) =>
            ends.Contains(id) || (token.Length > 4 && token.StartsWith("<|", StringComparison.Ordinal)
                && token.EndsWith("|>", StringComparison.Ordinal)) ? 3
            : token == $"[PAD{id}]" ? 5 : token.Any(static c => ByteAlphabet.Byte(c) < 0) ? 4 : 1)];
    }

    /// <summary>An id that must be one of the tokens where the key is there.</summary>
    public int? Id(string key, int count)
    {
        if (Number(key) is not Int128 id) return null;
        if (id < 0 || id >= count) throw new InvalidModelException($"{Prefix}{key}: expected one of the {count} tokens, found {id}.");
        return (int)id;
    }

    /// <summary>An id of which nothing depends but what templates call it: where it is no token, it is left out and noted.</summary>
    public int? IdOrNote(string key, int count)
    {
        if (Number(key) is not Int128 id) return null;
        if (id >= 0 && id < count) return (int)id;
        string shown = id == uint.MaxValue ? "4294967295 (−1)" : id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string note = $"{Prefix}{key} is {shown}, which is none of the {count} tokens: it is left out.";
        if (!_notes.Contains(note)) _notes.Add(note);
        return null;
    }

    /// <summary>The token that every text begins with; null where there is none.</summary>
    public int? Begin(int count)
    {
        int? begin = IdOrNote("bos_token_id", count);
        if (!metadata.GetBool(Prefix + "add_bos_token", false)) return null;
        _notes.Add(begin is int id
            ? $"{Prefix}add_bos_token is true: every text begins with token {id}."
            : $"{Prefix}add_bos_token is true and the file has no bos_token_id: nothing is added.");
        return begin;
    }

    private Int128? Number(string key) => !metadata.TryGetValue(Prefix + key, out object? value) ? null : value switch
    {
        byte or sbyte or short or ushort or int or uint or long or ulong => Int128.CreateChecked(Convert.ToDecimal(value, null)),
        _ => metadata.GetUInt32OrNull(Prefix + key), // says what it is instead
    };
}
