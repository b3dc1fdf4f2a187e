using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Text;
using System.Text.Json;
using AhnSharp.Gguf;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>A file of a benchmark: one JSON object a line, one in memory at a time.</summary>
public sealed class BenchmarkFile
{
    // Names of fields and tasks stand in sentences, and may be as long as the file.
    private const int MaxSentence = 1000;

    private BenchmarkFile(string path, Benchmark benchmark, string task, int items) =>
        (Path, Benchmark, Task, Items) = (path, benchmark, task, items);

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>What it is a file of.</summary>
    public Benchmark Benchmark { get; }

    /// <summary>The task of its first item; a file holds one task.</summary>
    public string Task { get; }

    /// <summary>Its items.</summary>
    public int Items { get; }

    /// <summary>Reads the first item and counts the lines.</summary>
    /// <param name="path">The file.</param>
    /// <param name="benchmark">What it is said to be a file of; null: told by the fields of its first item.</param>
    /// <exception cref="InvalidDataException">It is no file of a benchmark; the message says what was expected and found.</exception>
    public static BenchmarkFile Open(string path, Benchmark? benchmark = null)
    {
        int items = 0;
        string? task = null;
        foreach ((int line, string text) in Lines(path))
        {
            if (items++ > 0) continue;
            using JsonDocument first = Parse(path, line, text);
            benchmark ??= Benchmark.Of(first.RootElement)
                ?? throw new InvalidDataException(
                    $"{path}, line {line}: expected an item of {string.Join(", ", Benchmark.All.Select(one => one.Name))}, "
                        + $"found the fields {Fields(first.RootElement)}; name the benchmark with --benchmark, or give its own files.");
            if (!benchmark.Recognizes(first.RootElement))
            {
                throw new InvalidDataException(
                    $"{path}, line {line}: expected an item of {benchmark.Name}, found the fields {Fields(first.RootElement)}.");
            }
            task = InContext(path, line, () => benchmark.TaskOf(first.RootElement, path));
        }
        return task is null ? throw new InvalidDataException(
            $"{path}: expected one JSON object a line, found an empty file.") : new BenchmarkFile(path, benchmark!, task, items);
    }

    /// <summary>Its items in order: index from 0, a hash of the line, and the question.</summary>
    /// <exception cref="InvalidDataException">A line is not an item of this benchmark and task; the message names it.</exception>
    public IEnumerable<(int Index, string Hash, BenchmarkItem Item)> Read(int? limit = null)
    {
        int index = 0;
        foreach ((int line, string text) in Lines(Path))
        {
            if (index == limit) yield break;
            using JsonDocument json = Parse(Path, line, text);
            BenchmarkItem item = InContext(Path, line, () =>
            {
                if (!Benchmark.Recognizes(json.RootElement))
                    throw new InvalidDataException($"expected an item of {Benchmark.Name}, found the fields {Fields(json.RootElement)}");
                string task = Benchmark.TaskOf(json.RootElement, Path);
                if (Benchmark.LeftOut(task) is { } why)
                    throw new InvalidDataException($"expected a task that can be scored here, and {task} cannot: {why}");
                return task == Task ? Benchmark.Read(json.RootElement, task, Path) : throw new InvalidDataException(
                    $"expected the task {Task} as in the first line, found {task}; keep each task in a file of its own");
            });
            yield return (index++, HashOf(text), item);
        }
    }

    private static IEnumerable<(int Line, string Text)> Lines(string path)
    {
        using var reader = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        for (int line = 1; ; line++)
        {
            string? text;
            try
            {
                text = reader.ReadLine();
            }
            catch (DecoderFallbackException broken)
            {
                throw new InvalidDataException($"{path}, line {line}: expected UTF-8, found other bytes.", broken);
            }
            if (text is null) yield break;
            if (!string.IsNullOrWhiteSpace(text)) yield return (line, text);
        }
    }

    private static JsonDocument Parse(string path, int line, string text)
    {
        try
        {
            JsonDocument json = JsonDocument.Parse(text);
            if (!JsonTexts.AreWhole(text, json.RootElement))
                throw new InvalidDataException($"{path}, line {line}: expected {JsonTexts.Expected}, found {JsonTexts.Found}.");
            if (json.RootElement.ValueKind == JsonValueKind.Object) return json;
            JsonValueKind found = json.RootElement.ValueKind;
            json.Dispose();
            throw new InvalidDataException(
                $"{path}, line {line}: expected a JSON object, found {found}; these benchmarks are JSONL files, one object a line.");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path}, line {line}: expected a JSON object, but the line does not read as one "
                + $"({GgufText.Shortened(broken.Message.Split('.')[0])}); is the file whole?", broken);
        }
    }

    private static T InContext<T>(string path, int line, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException wrong)
        {
            throw new InvalidDataException($"{path}, line {line}: {GgufText.Shortened(wrong.Message, MaxSentence)}.", wrong);
        }
    }

    private static string Fields(JsonElement item) => item.ValueKind == JsonValueKind.Object ? string.Join(
        ", ", item.EnumerateObject().Take(12).Select(field => GgufText.Shortened(field.Name, 40))) : $"of {item.ValueKind}";

    /// <summary>CRC-32C of the line's UTF-16 units: tells a changed item from the one that was answered.</summary>
    private static string HashOf(string text)
    {
        uint crc = ~0u;
        foreach (char c in text) crc = BitOperations.Crc32C(crc, (ushort)c);
        return (~crc).ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
    }
}
