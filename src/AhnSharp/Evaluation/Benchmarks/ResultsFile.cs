using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AhnSharp.Sessions;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>
/// Results as JSONL: the setup in the first line, then one answered question a line, each written whole and flushed
/// to disk before the next begins.
/// </summary>
/// <remarks>
/// A run that ended in the middle of a line goes on from the last whole one. Keep the file to yourself: it is locked against other writers.
/// </remarks>
public sealed class ResultsFile : IDisposable
{
    private const string Format = "ahn eval 1";
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Dictionary<(string Benchmark, string Task, MemoryMode Mode, int Index), BenchmarkResult> _results = [];
    private readonly FileStream _stream;
    private readonly string _path;

    private ResultsFile(string path, FileStream stream) => (_path, _stream) = (path, stream);

    /// <summary>What was answered, now or before.</summary>
    public IReadOnlyCollection<BenchmarkResult> Results => _results.Values;

    /// <summary>Opens a file to go on with, or makes a new one.</summary>
    /// <exception cref="InvalidDataException">The file holds something else, or results of another setup; the message
    /// says what differs.</exception>
    public static ResultsFile Open(string path, BenchmarkSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        // One writer. On Unix .NET locks a file only where nothing is shared, and others may read it all the same.
        var stream = new FileStream(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None);
        try
        {
            var file = new ResultsFile(path, stream);
            file.Load(setup);
            return file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The result of a question that was answered before; null: it was not.</summary>
    /// <exception cref="InvalidDataException">It was answered, but the item has changed since.</exception>
    public BenchmarkResult? Find(string benchmark, string task, MemoryMode mode, int index, string itemHash)
    {
        if (!_results.TryGetValue((benchmark, task, mode, index), out BenchmarkResult? result)) return null;
        return result.ItemHash == itemHash
            ? result
            : throw new InvalidDataException($"{_path}: item {index} of {benchmark} {task} is another than the one answered there (hash "
                + $"{result.ItemHash} in the results, {itemHash} now): the data has changed; give another results file.");
    }

    /// <summary>Writes a result; it is on disk when this returns.</summary>
    public void Append(BenchmarkResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        WriteLine(json =>
        {
            json.WriteString("benchmark", result.Benchmark);
            json.WriteString("task", result.Task);
            json.WriteString("memory", NameOf(result.Mode));
            json.WriteNumber("index", result.Index);
            json.WriteString("item_hash", result.ItemHash);
            json.WriteNumber("prompt_tokens", result.PromptTokens);
            json.WriteNumber("cut_tokens", result.CutTokens);
            json.WriteString("answer", result.Answer);
            json.WriteNumber("score", result.Score);
            json.WriteNumber("seconds", result.Seconds);
        });
        _results[KeyOf(result)] = result;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Load(BenchmarkSetup setup)
    {
        byte[] bytes = new byte[_stream.Length];
        _stream.ReadExactly(bytes);
        // What stands behind the last line feed is a line that was cut off.
        int whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        // Without any whole line only the beginning of our own first line may go: another JSON file on one line would be lost.
        ReadOnlySpan<byte> begun = "{\"results\":\"ahn eval"u8, there = bytes.AsSpan(0, Math.Min(bytes.Length, begun.Length));
        if (whole == 0 && !begun.StartsWith(there)) throw NotResults($"found a file that begins with the byte 0x{bytes[0]:X2}");
        string[] lines = Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < lines.Length; i++)
        {
            using JsonDocument json = Parse(lines[i], i + 1);
            if (i == 0) Check(json.RootElement, setup);
            else Add(json.RootElement, i + 1);
        }
        if (_stream.Length > whole) _stream.SetLength(whole);
        _stream.Position = whole;
        if (lines.Length > 0) return;
        WriteLine(json =>
        {
            json.WriteString("results", Format);
            setup.Write(json);
        });
    }

    private void Check(JsonElement first, BenchmarkSetup setup)
    {
        if (first.ValueKind != JsonValueKind.Object || !first.TryGetProperty("results", out JsonElement format))
            throw NotResults("found other JSON");
        if (format.ValueKind != JsonValueKind.String || format.GetString() != Format) throw NotResults($"found the format {format}");
        foreach ((string name, string value) in setup.Parts)
        {
            string? found =
                first.TryGetProperty(name, out JsonElement there) && there.ValueKind == JsonValueKind.String ? there.GetString() : null;
            // Files from before there were archives say nothing of them.
            if (name == "archive") found ??= BenchmarkSetup.NoArchive;
            if (found != value)
            {
                throw new InvalidDataException($"{_path}: these are results of another run: expected {name} = {value}, "
                    + $"found {found ?? "none"}; give another file with -o, or the options of that run.");
            }
        }
    }

    private void Add(JsonElement line, int number)
    {
        try
        {
            var result = new BenchmarkResult(
                line.GetProperty("benchmark").GetString()!, line.GetProperty("task").GetString()!,
                ModeOf(line.GetProperty("memory").GetString()), line.GetProperty("index").GetInt32(),
                line.GetProperty("item_hash").GetString()!, line.GetProperty("prompt_tokens").GetInt32(),
                line.GetProperty("cut_tokens").GetInt32(),
                line.GetProperty("answer").GetString()!, line.GetProperty("score").GetDouble(), line.GetProperty("seconds").GetDouble());
            _results[KeyOf(result)] = result;
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{_path}, line {number}: expected a result of ahn eval, found a line without all of its "
                + "fields; take the line out or give another file with -o.", wrong);
        }
    }

    private JsonDocument Parse(string line, int number)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException broken)
        {
            throw number == 1
                ? NotResults("found text that is no JSON")
                : new InvalidDataException($"{_path}, line {number}: expected a result of ahn eval, found a line that is no JSON; "
                    + "take it out or give another file with -o.", broken);
        }
    }

    // One write of one whole line: a crash leaves at most a last line without its end, which the next run drops.
    private void WriteLine(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        _stream.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        _stream.Flush(flushToDisk: true);
    }

    private InvalidDataException NotResults(string found) =>
        new($"{_path}: expected a results file of ahn eval or none at all, {found}; give another file with -o.");

    private static (string Benchmark, string Task, MemoryMode Mode, int Index) KeyOf(BenchmarkResult result) =>
        (result.Benchmark, result.Task, result.Mode, result.Index);

    private static string NameOf(MemoryMode mode) => mode.ToString().ToLowerInvariant();

    private static MemoryMode ModeOf(string? name) =>
        Enum.GetValues<MemoryMode>().Where(mode => NameOf(mode) == name).Select(mode => (MemoryMode?)mode).FirstOrDefault()
            ?? throw new FormatException($"no memory is called {name}");
}
