using System.Globalization;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary>The report of <c>ahn inspect</c> for people.</summary>
internal static class InspectText
{
    private const int UnusedType = 5;

    public static FactSheet Of(InspectReport report)
    {
        FactSheet sheet = new();
        AddFile(sheet, report);
        if (report.Weights is { } weights) sheet.Fact("weights", weights.Summary);
        if (report.Config is { } config) AddNetwork(sheet, config);
        if (report.AhnKeys is { } ahn) AddMemory(sheet, report, ahn);
        AddTokenizer(sheet, report.Metadata);
        AddSession(sheet, report);
        return sheet;
    }

    private static void AddFile(FactSheet sheet, InspectReport report)
    {
        string what = report.Form switch
        {
            "base" => "a base model, without a memory",
            "merged" => "a base model merged with its AHN memory",
            "adapter" => "an AHN memory alone, to go beside its base model (--model BASE --ahn THIS)",
            "vocabulary" => "a vocabulary without weights",
            _ => $"a model that this engine does not run; it runs {Architecture.KnownNames}",
        };
        sheet.Section("File");
        sheet.Fact("path", report.Path + (report.AdapterPath is null ? "" : $" + {report.AdapterPath}"));
        if (report.Name is { } name) sheet.Fact("name", name);
        sheet.Fact("what", report.AdapterPath is null ? what : "a base model and its AHN memory beside it");
        sheet.Fact(
            "format", $"GGUF {report.Version}, architecture {report.Architecture}{(report.Parts > 1 ? $", {report.Parts} parts" : "")}");
        sheet.Fact("size", $"{ByteProgress.Size(report.Bytes)}, {report.Tensors} tensors");
        if (report.BaseParameters > 0)
            sheet.Fact("parameters", $"{ByteProgress.Count(report.BaseParameters)} ({Number(report.BaseParameters)})");
        if (report.AhnParameters > 0)
            sheet.Fact("AHN parameters", $"{ByteProgress.Count(report.AhnParameters)} ({Number(report.AhnParameters)})");
        foreach (InspectReport.TypeShare share in report.Types)
        {
            sheet.Fact(share.Type.ToString(),
                $"{share.Tensors} tensors, {ByteProgress.Count(share.Parameters)} weights, {ByteProgress.Size(share.Bytes)}");
        }
    }

    private static void AddNetwork(FactSheet sheet, ModelConfig c)
    {
        sheet.Section("Network");
        sheet.Fact("layers", $"{c.LayerCount} of hidden size {c.HiddenSize}, feed-forward {c.FfnSize}");
        sheet.Fact("heads", $"{c.HeadCount} query, {c.KvHeadCount} key/value, {c.HeadDim} entries each");
        sheet.Fact(
            "vocabulary", $"{c.VocabularySize} rows, {(c.TiedEmbeddings ? "also the output head" : "with an output head of its own")}");
        string scaling = c.RopeScaling is { } yarn ? string.Create(
            CultureInfo.InvariantCulture, $", YaRN × {yarn.Factor} over {yarn.OriginalContextLength}") : "";
        sheet.Fact("positions", string.Create(
            CultureInfo.InvariantCulture, $"made for {c.ContextLength} tokens, rope theta {c.RopeTheta:0.###}{scaling}"));
    }

    private static void AddMemory(FactSheet sheet, InspectReport report, GgufMetadata ahn)
    {
        sheet.Section("AHN memory");
        sheet.Fact("kind", ahn.GetString("ahn.kind"));
        sheet.Fact("trained defaults", $"window {ahn.GetUInt32("ahn.sliding_window")}, sinks {ahn.GetUInt32("ahn.attention_sinks")}");
        if (report.Config is null)
        {
            sheet.Fact(
                "for a base of", $"{ahn.GetUInt32("ahn.block_count")} layers of hidden size {ahn.GetUInt32("ahn.embedding_length")}, "
                    + $"{ahn.GetUInt32("ahn.head_count")} heads of {ahn.GetUInt32("ahn.head_dim")}");
        }
        if (ahn.GetInt32ArrayOrNull("ahn.full_attention_layers") is { Length: > 0 } full)
            sheet.Fact("full attention", $"layers {string.Join(", ", full)}");
        sheet.Fact("state", $"{ByteProgress.Size(report.MemoryStateBytes!.Value)}, whatever the length of the text");
        string wanted = report.WantedFingerprint ?? "none: a wrong base of the same shape would not be noticed";
        string verdict = report.Fingerprint is null || report.WantedFingerprint is null ? ""
            : report.Fingerprint == report.WantedFingerprint ? " (these base weights)"
                : $" (NOT these base weights, {report.Fingerprint}: the file will be refused)";
        sheet.Fact("base fingerprint", wanted + verdict);
    }

    private static void AddTokenizer(FactSheet sheet, GgufMetadata keys)
    {
        sheet.Section("Tokenizer");
        if (keys.GetStringArrayOrNull("tokenizer.ggml.tokens") is not { } tokens)
        {
            sheet.Fact("tokens", "none: commands that need text refuse the file");
            return;
        }
        int unused = keys.GetInt32ArrayOrNull("tokenizer.ggml.token_type")?.Count(type => type == UnusedType) ?? 0;
        sheet.Fact("tokens", $"{tokens.Length}{(unused > 0 ? $", of which {unused} unused" : "")}, "
            + $"{keys.GetStringArrayOrNull("tokenizer.ggml.merges")?.Length ?? 0} merges");
        sheet.Fact(
            "model", $"{keys.GetStringOrNull("tokenizer.ggml.model")}, {keys.GetStringOrNull("tokenizer.ggml.pre") ?? "no"} pre-tokenizer");
        if (keys.GetUInt32OrNull("tokenizer.ggml.eos_token_id") is { } end && end < tokens.Length)
            sheet.Fact("end token", $"{end} {tokens[end]}");
        sheet.Fact(
            "chat template", keys.GetStringOrNull("tokenizer.chat_template") is { } template ? $"{template.Length} characters" : "none");
    }

    private static void AddSession(FactSheet sheet, InspectReport report)
    {
        if (report.Modes.Count == 0) return;
        sheet.Section("A session takes");
        // Of a window as long as the context nothing is saved before the text is longer.
        string wide = report.Modes.FirstOrDefault(mode => mode.Mode == MemoryMode.Full) is { } full
            && (long)report.Window + report.Sinks >= full.Tokens ? " (as many tokens as the context: a smaller --window takes less)" : "";
        sheet.Fact("with", $"window {report.Window}, sinks {report.Sinks}, keys and values {report.Session.Kv}{wide}");
        foreach (InspectReport.ModeBytes mode in report.Modes)
        {
            string tokens = mode.Mode == MemoryMode.Full
                || mode.Tokens > (long)report.Window + report.Sinks ? $"at {mode.Tokens} tokens" : "at any length";
            string parts = mode.Memory > 0 ? $" = {ByteProgress.Size(mode.Exact)} exact + {ByteProgress.Size(mode.Memory)} memory" : "";
            sheet.Fact(
                $"--memory {mode.Mode.ToString().ToLowerInvariant()}", $"{ByteProgress.Size(mode.Exact + mode.Memory)} {tokens}{parts}");
        }
        if (report.Archive is { } archive)
        {
            sheet.Fact("--archive", $"{ByteProgress.Size((long)archive.Disk)} of a disk and {ByteProgress.Size((long)archive.Index)} of "
                + $"memory per token that left the window; a token that asks reads the index and at most "
                + ByteProgress.Size(archive.MostRead));
        }
        sheet.Fact("token ids", $"{SessionPlan.HistoryBytes(1)} bytes per token beside it, in every mode");
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
