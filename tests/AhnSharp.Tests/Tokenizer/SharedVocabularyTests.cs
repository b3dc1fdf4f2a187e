using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>
/// Real vocabularies: Qwen2's own, against the ids of llama.cpp, and the demo model's, against the ids its training used.
/// </summary>
public sealed class SharedVocabularyTests(ITestOutputHelper output)
{
    private const string Vocabulary = "data/qwen/ggml-vocab-qwen2.gguf";

    private static readonly Lazy<QwenTokenizer> Qwen = new(() =>
    {
        using GgufFile file = GgufFile.Open(Fixture.Shared(Vocabulary));
        return QwenTokenizer.FromGguf(file.Metadata);
    });

    [SharedFact(Vocabulary)]
    public void The_cases_of_the_vocabulary_pass_whole()
    {
        // Each text ends with the mark.
        string[] texts = File.ReadAllText(Fixture.Shared(Vocabulary + ".inp")).Split("\n__ggml_vocab_test__\n")[..^1];
        string[] lines = File.ReadAllText(Fixture.Shared(Vocabulary + ".out")).TrimEnd('\n').Split('\n');
        Assert.Equal(lines.Length, texts.Length);
        Assert.True(texts.Length > 40);
        for (int i = 0; i < texts.Length; i++)
        {
            int[] expected = [.. lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
            Assert.Equal(expected, Qwen.Value.Encode(texts[i]));
            Assert.Equal(texts[i], Qwen.Value.Decode(expected));
        }
    }

    [SharedFact(Vocabulary)]
    public void The_vocabulary_of_Qwen2_is_understood()
    {
        QwenTokenizer qwen = Qwen.Value;
        Assert.Equal(151_936, qwen.VocabularySize);
        Assert.Equal([151_643, 151_645], qwen.EndTokens.ToArray());
        Assert.Equal(151_645, qwen.IdOf("<|im_end|>"));
        Assert.False(qwen.IsUnused(151_645));
        Assert.All(Enumerable.Range(151_646, 290), id => Assert.True(qwen.IsUnused(id)));
        Assert.Equal([9707], qwen.Encode("Hello"));
        Assert.NotNull(ChatTemplate.FromTokenizer(qwen));
        // e + U+0301 stays two code points; Hugging Face's tokenizers would give the one token of é.
        Assert.Equal("e\u0301", qwen.Decode(qwen.Encode("e\u0301")));
        Assert.NotEqual(qwen.Encode("\u00E9"), qwen.Encode("e\u0301"));
    }

    [SharedFact(Vocabulary)]
    public void Every_text_comes_back() =>
        CsCheck.Check.Sample(QwenTokenizerTests.Texts, text => Assert.Equal(text, Qwen.Value.Decode(Qwen.Value.Encode(text))), iter: 5_000);

    [SharedFact("data/demo")]
    public void The_held_out_book_has_the_ids_that_the_demo_model_was_measured_on()
    {
        string book = File.ReadAllText(Fixture.Shared("data/demo/books/dracula.txt"));
        Stopwatch watch = Stopwatch.StartNew();
        int[] ids = DemoVocabularyTests.Demo.Value.Encode(book);
        output.WriteLine($"{book.Length} characters, {ids.Length} ids: {watch.ElapsedMilliseconds} ms");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60); // 0.36 s of one core; the bound is for a busy machine
        Assert.Equal(book, DemoVocabularyTests.Demo.Value.Decode(ids));
        foreach ((string name, int first) in new[] { ("3000", 5_000), ("16384", 40_000) })
        {
            int[] expected = ReadInt32(Fixture.Shared($"data/demo/expected/bram_stoker_dracula-{name}.safetensors"), "ids");
            Assert.Equal(expected, ids.AsSpan(first, expected.Length).ToArray());
        }
    }

    [SharedFact("data/demo")]
    public void The_recall_chats_are_what_the_template_makes_of_them()
    {
        QwenTokenizer demo = DemoVocabularyTests.Demo.Value;
        ChatTemplate template = ChatTemplate.FromTokenizer(demo)!;
        int start = demo.IdOf("<|im_start|>")!.Value, end = demo.IdOf("<|im_end|>")!.Value;
        JsonArray chats = JsonNode.Parse(File.ReadAllText(Fixture.Shared("data/demo/recall.json")))!.AsArray();
        int whole = 0;
        foreach (JsonNode? chat in chats)
        {
            int[] ids = [.. chat!["ids"]!.AsArray().Select(id => id!.GetValue<int>())];
            List<ChatMessage> messages = [];
            int from = 0;
            for (int open = Array.IndexOf(ids, start); open >= 0; open = Array.IndexOf(ids, start, from))
            {
                int close = Array.IndexOf(ids, end, open);
                if (close < 0) break;
                string[] turn = demo.Decode(ids.AsSpan(open + 1, close - open - 1)).Split('\n', 2);
                messages.Add(new ChatMessage(turn[0], turn[1]));
                from = close + 1;
            }
            Assert.Equal("system", messages[0].Role);
            Assert.Equal("You are a helpful assistant.", messages[0].Content);
            Assert.Contains("user", messages.Select(m => m.Role));
            // The set ends with the answer, without the template's line end.
            int[] again = template.Encode(demo, messages, addGenerationPrompt: false)[..^1];
            int common = ids.AsSpan().CommonPrefixLength(again);
            Assert.Equal(demo.Decode(ids), demo.Decode(again));
            if (common == ids.Length) whole++;
        }
        output.WriteLine($"{whole} of {chats.Count} chats are the same ids again");
        // The set strewed its sentences into ids, not into text: where one follows a comma, "," and "\n" are two tokens there and one here.
        Assert.InRange(whole, 50, chats.Count);
    }

    /// <summary>An I32 tensor of a safetensors file.</summary>
    private static int[] ReadInt32(string path, string name)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int header = (int)BitConverter.ToUInt64(bytes);
        using JsonDocument json = JsonDocument.Parse(bytes.AsMemory(8, header));
        JsonElement tensor = json.RootElement.GetProperty(name);
        Assert.Equal("I32", tensor.GetProperty("dtype").GetString());
        int begin = 8 + header + tensor.GetProperty("data_offsets")[0].GetInt32(),
            end = 8 + header + tensor.GetProperty("data_offsets")[1].GetInt32();
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(bytes.AsSpan(begin, end - begin)).ToArray();
    }
}
