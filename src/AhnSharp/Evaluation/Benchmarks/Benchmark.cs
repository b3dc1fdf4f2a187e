using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>A published benchmark: its files' format, prompts, cutting and scoring as its authors do them.</summary>
public abstract class Benchmark
{
    /// <summary>All that are known, the most particular first.</summary>
    public static ImmutableArray<Benchmark> All { get; } = [new LvEval(), new LongBench(), new Ruler(), new InfiniteBench()];

    /// <summary>The word that names it: longbench, lveval, ruler, infinitebench.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a JSON object has the fields of its items.</summary>
    public abstract bool Recognizes(JsonElement item);

    /// <summary>The benchmark of a name.</summary>
    public static Benchmark? Find(string name) =>
        All.FirstOrDefault(benchmark => benchmark.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The benchmark whose fields an item has; null: none.</summary>
    public static Benchmark? Of(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object ? All.FirstOrDefault(benchmark => benchmark.Recognizes(item)) : null;

    /// <summary>The task that an item belongs to.</summary>
    /// <param name="item">A line of a file.</param>
    /// <param name="path">The file: some benchmarks name the task there.</param>
    public abstract string TaskOf(JsonElement item, string path);

    /// <summary>Why a task cannot be scored here as its authors score it; null: it can.</summary>
    public abstract string? LeftOut(string task);

    /// <summary>The question that an item asks; only for tasks that are not left out.</summary>
    /// <exception cref="InvalidDataException">A field is missing or of another kind; the message names it.</exception>
    public abstract BenchmarkItem Read(JsonElement item, string task, string path);

    /// <summary>Whether all of these fields are there.</summary>
    protected static bool HasAll(JsonElement item, params ReadOnlySpan<string> fields)
    {
        foreach (string field in fields)
        {
            if (!item.TryGetProperty(field, out _)) return false;
        }
        return true;
    }

    /// <summary>A text field.</summary>
    protected static string Text(JsonElement item, string field) =>
        item.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new InvalidDataException($"expected a text in the field {field}, found {Kind(item, field)}");

    /// <summary>A field of one text or of several.</summary>
    protected static ImmutableArray<string> Texts(JsonElement item, string field)
    {
        if (item.TryGetProperty(field, out JsonElement value))
        {
            if (value.ValueKind == JsonValueKind.String) return [value.GetString()!];
            if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
                && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String))
                return [.. value.EnumerateArray().Select(one => one.GetString()!)];
        }
        throw new InvalidDataException($"expected one text or several in the field {field}, found {Kind(item, field)}");
    }

    private static string Kind(JsonElement item, string field) =>
        item.TryGetProperty(field, out JsonElement value)
            ? value.ValueKind == JsonValueKind.Array ? "an array of other things" : $"{value.ValueKind}"
            : "no such field";
}
