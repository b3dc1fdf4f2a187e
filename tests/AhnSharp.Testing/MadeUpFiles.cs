using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;

namespace AhnSharp.Testing;

/// <summary>Small files in the form of each benchmark, made up here, in a folder that goes when the test ends.</summary>
internal sealed class MadeUpFiles : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ahn-benchmark-").FullName;

    public string PathOf(string name) => Path.Combine(_folder, name);

    public string LongBench(string task = "hotpotqa", int items = 2, string context = "The captain is called Marlow {input}.",
        string[]? classes = null) => Write($"{task}.jsonl", Enumerable.Range(0, items).Select(i => new JsonObject
        {
            ["input"] = $"Who is the captain, {i}?",
            ["context"] = context,
            ["answers"] = new JsonArray("Marlow", "Captain Marlow"),
            ["length"] = 12,
            ["dataset"] = task,
            ["language"] = "en",
            ["all_classes"] = classes is null ? null : new JsonArray([.. classes.Select(one => (JsonNode)one)]),
            ["_id"] = $"{i:x8}",
        }));

    public string LvEval(string dataset = "hotpotwikiqa_mixup", string file = "hotpotwikiqa_mixup_16k.jsonl", int items = 1) =>
        Write(file, Enumerable.Range(0, items).Select(i => new JsonObject
        {
            ["input"] = "Who?",
            ["context"] = $"It was Marlow, {i}.",
            ["answers"] = new JsonArray("It was old Marlow", "nobody"),
            ["length"] = 5,
            ["dataset"] = dataset,
            ["language"] = "en",
            ["answer_keywords"] = "old Marlow",
            ["confusing_facts"] = new JsonArray("It was Kurtz."),
        }));

    /// <summary>In the layout of RULER: a folder of the task's name.</summary>
    public string Ruler(string task = "niah_single_1", int items = 1,
        string input = "A special magic number is hidden. One of the special magic numbers for ink is: 7.") =>
        Write(Path.Combine(task, "validation.jsonl"), Enumerable.Range(0, items).Select(i => new JsonObject
        {
            ["index"] = i,
            ["input"] = input,
            ["outputs"] = new JsonArray("7", "13"),
            ["length"] = 60,
            ["length_w_model_temp"] = 60,
            ["answer_prefix"] = " The number is",
            ["token_position_answer"] = 9,
        }));

    public string InfiniteBench(string task = "longbook_choice_eng") => Write($"{task}.jsonl", [new JsonObject
    {
        ["id"] = 0,
        ["context"] = "The book: it was Marlow.",
        ["input"] = "Who was it?",
        ["answer"] = new JsonArray(task == "passkey" ? "71432" : "Marlow"),
        ["options"] = new JsonArray("Kurtz", "Marlow", "Jim", "nobody"),
    }]);

    public string Write(string name, params System.Collections.Generic.IEnumerable<JsonObject> items) =>
        WriteText(name, string.Concat(items.Select(item => item.ToJsonString() + "\n")));

    public string WriteText(string name, string text)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
