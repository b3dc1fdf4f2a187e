using System.IO;
using System.Text.Json;
using AhnSharp.Gguf;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>LongBench's prompts and answer lengths: the authors' own two files where the user has them, else what is built in.</summary>
internal static class LongBenchConfig
{
    /// <summary>
    /// Prompt and longest answer of a task, for data in a folder: of <c>config/</c> in it or in one of the two above, else built in.
    /// </summary>
    internal static (string Prompt, int MaxNewTokens) Of(string task, string folder)
    {
        string? at = folder;
        for (int up = 0; up < 3 && at is not null; up++, at = Path.GetDirectoryName(at))
        {
            string prompts = Path.Combine(at, "config", "dataset2prompt.json"), lengths = Path.Combine(at, "config", "dataset2maxlen.json");
            if (File.Exists(prompts) && File.Exists(lengths)) return Read(task, prompts, lengths);
        }
        return (LongBenchTasks.Prompts[task], LongBenchTasks.MaxNewTokens[task]);
    }

    private static (string Prompt, int MaxNewTokens) Read(string task, string promptsFile, string lengthsFile)
    {
        using JsonDocument prompts = Parse(promptsFile), lengths = Parse(lengthsFile);
        if (!prompts.RootElement.TryGetProperty(task, out JsonElement prompt) || prompt.ValueKind != JsonValueKind.String)
            throw new InvalidDataException($"expected a prompt for {task} in {promptsFile}, found none");
        if (!lengths.RootElement.TryGetProperty(task, out JsonElement length) || length.ValueKind != JsonValueKind.Number
            || !length.TryGetInt32(out int tokens) || tokens < 1)
            throw new InvalidDataException($"expected the tokens of an answer of {task} in {lengthsFile}, found none");
        return (prompt.GetString()!, tokens);
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            JsonDocument json = JsonDocument.Parse(bytes);
            if (!JsonTexts.AreWhole(bytes, json.RootElement))
                throw new InvalidDataException($"expected {JsonTexts.Expected} in {path}, found {JsonTexts.Found}");
            if (json.RootElement.ValueKind == JsonValueKind.Object) return json;
            json.Dispose();
            throw new InvalidDataException($"expected a JSON object in {path}, found other JSON");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException(
                $"expected a JSON object in {path}, which does not read as one ({GgufText.Shortened(broken.Message)}).", broken);
        }
    }
}
