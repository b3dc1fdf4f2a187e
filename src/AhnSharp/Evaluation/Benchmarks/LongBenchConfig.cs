using System.IO;
using System.Text.Json;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>LongBench's prompts and answer lengths: the authors' own two files where the user has them, else what is built in.</summary>
internal sealed class LongBenchConfig
{
    private readonly string _source;
    private readonly JsonDocument? _prompts, _lengths;

    private LongBenchConfig(string source, JsonDocument? prompts, JsonDocument? lengths) => (_source, _prompts, _lengths) = (source, prompts, lengths);

    /// <summary>The configuration for data in a folder: of <c>config/</c> in it or in one of the two above.</summary>
    internal static LongBenchConfig For(string folder)
    {
        string? at = folder;
        for (int up = 0; up < 3 && at is not null; up++, at = Path.GetDirectoryName(at))
        {
            string prompts = Path.Combine(at, "config", "dataset2prompt.json"), lengths = Path.Combine(at, "config", "dataset2maxlen.json");
            if (File.Exists(prompts) && File.Exists(lengths)) return new LongBenchConfig(prompts, Parse(prompts), Parse(lengths));
        }
        return new LongBenchConfig("", null, null);
    }

    internal string Prompt(string task)
    {
        if (_prompts is null) return LongBenchTasks.Prompts[task];
        return _prompts.RootElement.TryGetProperty(task, out JsonElement prompt) && prompt.ValueKind == JsonValueKind.String
            ? prompt.GetString()!
            : throw new InvalidDataException($"expected a prompt for {task} in {_source}, found none");
    }

    internal int MaxNewTokens(string task)
    {
        if (_lengths is null) return LongBenchTasks.MaxNewTokens[task];
        return _lengths.RootElement.TryGetProperty(task, out JsonElement length) && length.ValueKind == JsonValueKind.Number && length.TryGetInt32(out int tokens) && tokens > 0
            ? tokens
            : throw new InvalidDataException($"expected the tokens of an answer of {task} in dataset2maxlen.json beside {_source}, found none");
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path}: expected a JSON object of LongBench, but it does not read as one: {broken.Message}", broken);
        }
    }
}
