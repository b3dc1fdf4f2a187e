using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Conversion;

/// <summary>What a folder of sentence-transformers says of embeddings: how rows are pooled, and what stands behind every text.</summary>
internal static class FolderEmbedding
{
    private const string Mode = "pooling_mode_";

    /// <summary>The pooling that 1_Pooling/config.json says; null where there is none.</summary>
    /// <exception cref="InvalidModelException">It pools as no GGUF can say.</exception>
    public static PoolingType? PoolingOf(string folder)
    {
        string path = Path.Combine(folder, "1_Pooling", "config.json");
        if (ConfigJson.LoadIfThere(path) is not { } pooling) return null;
        string[] modes = [.. pooling.Root.EnumerateObject()
            .Where(static entry => entry.Name.StartsWith(Mode, StringComparison.Ordinal) && entry.Value.ValueKind == JsonValueKind.True)
            .Select(static entry => entry.Name[Mode.Length..])];
        return modes switch
        {
            ["mean_tokens"] => PoolingType.Mean,
            ["cls_token"] => PoolingType.Cls,
            ["lasttoken"] => PoolingType.Last,
            _ => throw pooling.Wrong(Mode + "…", "true for one of mean_tokens, cls_token and lasttoken",
                modes.Length == 0 ? "true for none" : "true for " + string.Join(" and ", modes)),
        };
    }

    /// <summary>A table that says whether a token stands behind every text, and has it as its first end token.</summary>
    /// <param name="table">The table; what ends a turn stays in its list.</param>
    /// <param name="whole">tokenizer.json; its post-processor says more than a flag, as transformers has it.</param>
    /// <param name="settings">tokenizer_config.json.</param>
    /// <param name="embeds">Whether the folder pools: then that there is no such token is said as well.</param>
    /// <exception cref="InvalidModelException">The token is none of the vocabulary, or is not named.</exception>
    public static TokenTable WithTextEnd(TokenTable table, ConfigJson? whole, ConfigJson? settings, bool embeds)
    {
        if (whole is not null && TextEnd(whole) is { } end) return Ending(table, whole, end);
        bool? adds = settings?.Bool("add_eos_token") ?? (embeds && whole is not null ? false : null);
        return adds == true ? Ending(table, settings!, settings!.TokenText("eos_token")) : table with { AddEnd = adds };
    }

    private static TokenTable Ending(TokenTable table, ConfigJson source, string? end)
    {
        int id = Array.IndexOf(table.Tokens, end);
        return id >= 0
            ? table with { AddEnd = true, EndTokens = [id, .. table.EndTokens.Where(other => other != id)] }
            : throw source.Wrong("the token behind every text", "one of the vocabulary", end ?? "not named");
    }

    // The special token that the post-processor puts behind every text; null: none.
    private static string? TextEnd(ConfigJson whole)
    {
        if (whole.Object("post_processor") is not { } processor) return null;
        IEnumerable<JsonElement> steps =
            processor.Find("processors") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [processor.Root];
        string? end = null;
        foreach (JsonElement step in steps)
        {
            if (step.ValueKind != JsonValueKind.Object || !step.TryGetProperty("single", out JsonElement single)
                || single.ValueKind != JsonValueKind.Array)
                continue;
            // A template: the text is the Sequence in it, and what stands behind is special tokens.
            string?[] behind = [.. single.EnumerateArray().Reverse().TakeWhile(static item => !Has(item, "Sequence")).Select(TokenOf)];
            if (behind.Length == 0) continue;
            if (behind.Length > 1 || end is not null || behind[0] is null)
                throw whole.Wrong("post_processor", "one special token behind a text at most", single.GetRawText());
            end = behind[0];
        }
        return end;
    }

    private static bool Has(JsonElement item, string name) => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out _);

    private static string? TokenOf(JsonElement item) =>
        Has(item, "SpecialToken") && item.GetProperty("SpecialToken") is { ValueKind: JsonValueKind.Object } token
            && token.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()
            : null;
}
