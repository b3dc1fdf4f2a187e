using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Conversion;

public sealed class TokenizerFilesTests
{
    private const string Vocabulary = """{"a":0,"b":1,"ab":2,"<end>":3,"Ġ":4,"Ġa":5}""";

    [Fact]
    public void Both_forms_of_a_tokenizer_give_the_same_keys()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        model.WriteFile("tokenizer.json", TokenizerJson("""["a b",["Ġ","a"]]"""));
        model.WriteFile("tokenizer_config.json", """{"chat_template":"T","pad_token":{"content":"<pad>"},"add_bos_token":false}""");
        model.WriteFile("generation_config.json", """{"eos_token_id":[7,3]}""");
        (ConversionReport report, string path) = ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" });
        using (GgufFile file = GgufFile.Open(path))
        {
            GgufMetadata keys = file.Metadata;
            Assert.Equal(("gpt2", "qwen2"), (keys.GetString("tokenizer.ggml.model"), keys.GetString("tokenizer.ggml.pre")));
            Assert.Equal(["a", "b", "ab", "<end>", "Ġ", "Ġa", "[PAD6]", "<turn>", "<tool>", "<pad>", "[PAD10]"],
                keys.GetStringArray("tokenizer.ggml.tokens")[..11]);
            Assert.Equal([1, 1, 1, 1, 1, 1, 5, 3, 4, 3, 5], keys.GetInt32Array("tokenizer.ggml.token_type")[..11]);
            Assert.Equal(20, keys.GetStringArray("tokenizer.ggml.tokens").Length);
            Assert.Equal(["a b", "Ġ a"], keys.GetStringArray("tokenizer.ggml.merges"));
            Assert.Equal((7u, 9u, 2u), (keys.GetUInt32("tokenizer.ggml.eos_token_id"), keys.GetUInt32("tokenizer.ggml.padding_token_id"),
                keys.GetUInt32("tokenizer.ggml.bos_token_id")));
            Assert.Equal([7, 3], keys.GetInt32Array("tokenizer.ggml.eos_token_ids"));
            Assert.False(keys.GetBool("tokenizer.ggml.add_bos_token", true));
            Assert.Equal("T", keys.GetString("tokenizer.chat_template"));
        }
        Assert.Contains(
            report.Notes, note => note.Contains("11 of 20", StringComparison.Ordinal) && note.Contains("unused", StringComparison.Ordinal));
        byte[] expected = File.ReadAllBytes(path);

        File.Delete(Path.Combine(model.Path, "tokenizer.json"));
        model.WriteFile("vocab.json", Vocabulary);
        model.WriteFile("merges.txt", "#version: 0.2\na b\nĠ a\n");
        model.WriteFile("added_tokens.json", """{"<turn>":7,"<tool>":8,"<pad>":9}""");
        JsonObject settings = JsonNode.Parse(File.ReadAllText(Path.Combine(model.Path, "tokenizer_config.json")))!.AsObject();
        settings["added_tokens_decoder"] = JsonNode.Parse(
            """{"7":{"content":"<turn>","special":true},"8":{"content":"<tool>","special":false}"""
                + ""","9":{"content":"<pad>","special":true}}""");
        model.WriteFile("tokenizer_config.json", settings.ToJsonString());
        ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" });
        Assert.Equal(expected, File.ReadAllBytes(path));
    }

    [Fact]
    public void End_tokens_come_from_the_first_file_that_names_them()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        model.WriteFile("tokenizer.json", TokenizerJson("[]"));
        Assert.Equal((3u, false), EndTokens(folder, model));        // config.json
        model.WriteFile("generation_config.json", """{"eos_token_id":7}""");
        Assert.Equal((7u, false), EndTokens(folder, model));
        model.WriteFile("generation_config.json", """{"eos_token_id":[9,7,9]}""");
        Assert.Equal((9u, true), EndTokens(folder, model));
        File.Delete(Path.Combine(model.Path, "generation_config.json"));
        model.Config.Remove("eos_token_id");
        model.Write();
        model.WriteFile("tokenizer_config.json", """{"eos_token":"<turn>"}""");
        Assert.Equal((7u, false), EndTokens(folder, model));
    }

    [Fact]
    public void The_engine_ends_at_every_end_token_of_the_folder()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.gguf");
        TokenTable table = SyntheticTokenizer.Create(151_936) with { EndTokens = [5, 151_645, 7] };
        GgufWriter writer = new();
        table.AddTo(writer);
        writer.Write(path);
        using (GgufFile file = GgufFile.Open(path))
            Assert.Equal([5, 7, 151_643, 151_645], QwenTokenizer.FromGguf(file.Metadata).EndTokens.Order());

        writer = new();
        (table with { EndTokens = [5, 151_936] }).AddTo(writer);
        writer.Write(path);
        using GgufFile beyond = GgufFile.Open(path);
        Assert.Contains("eos_token_ids", Assert.Throws<InvalidModelException>(() => QwenTokenizer.FromGguf(beyond.Metadata)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_chat_template_of_its_own_file_comes_first_and_a_list_gives_its_default()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        model.WriteFile("tokenizer.json", TokenizerJson("[]"));
        model.WriteFile(
            "tokenizer_config.json", """{"chat_template":[{"name":"tools","template":"A"},{"name":"default","template":"B"}]}""");
        Assert.Equal("B", ChatTemplate(folder, model));
        model.WriteFile("chat_template.jinja", "{% C %}\n");
        Assert.Equal("{% C %}\n", ChatTemplate(folder, model));
    }

    [Fact]
    public void A_chat_template_is_found_in_its_JSON_file_and_a_list_without_default_gives_its_first()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        model.WriteFile("tokenizer.json", TokenizerJson("[]"));
        model.WriteFile("tokenizer_config.json", """{"chat_template":[{"name":"chat","template":"A"},{"name":"tools","template":"B"}]}""");
        Assert.Equal("A", ChatTemplate(folder, model));
        Assert.Contains(Notes(folder, model), static note =>
            note.Contains("chat, tools", StringComparison.Ordinal) && note.Contains("named chat", StringComparison.Ordinal));
        model.WriteFile("chat_template.json", """{"chat_template": "{{ messages[0].content }}"}""");
        Assert.Equal("{{ messages[0].content }}", ChatTemplate(folder, model));
    }

    [Fact]
    public void A_padding_token_that_is_none_is_left_out_and_noted()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        model.WriteFile("tokenizer.json", TokenizerJson("[]"));
        model.WriteFile("tokenizer_config.json", """{"pad_token":"<|PAD_TOKEN|>"}""");
        Assert.Contains(Notes(folder, model), static note =>
            note.Contains("pad_token", StringComparison.Ordinal) && note.Contains("<|PAD_TOKEN|>", StringComparison.Ordinal));
    }

    [Fact]
    public void A_space_before_the_first_word_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        model.WriteFile("tokenizer.json", TokenizerJson("[]").Replace(
            "\"ByteLevel\"", "\"ByteLevel\",\"add_prefix_space\":true", StringComparison.Ordinal));
        string message = Assert.Throws<InvalidModelException>(
            () => ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" })).Message;
        Assert.Contains("add_prefix_space", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[0.0, Infinity]", true)]
    [InlineData("[-Infinity, NaN, \"Infinity \\\" NaN\"]", true)]
    [InlineData("Infinite", false)]
    public void Words_of_Pythons_JSON_are_read_and_others_are_not(string value, bool reads)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        string config = File.ReadAllText(Path.Combine(model.Path, "config.json")).TrimEnd();
        model.WriteFile("config.json", config[..^1] + $", \"time_step_limit\": {value}}}");
        if (reads) Notes(folder, model);
        else Assert.Throws<InvalidModelException>(() => Notes(folder, model));
    }

    [Theory]
    [InlineData("tokenizer.json", "\"a\":0", "\"a\":20", "vocab_size is 20")]
    [InlineData("tokenizer.json", "\"a\":0", "\"a\":1", "the id 1 belongs to both")]
    [InlineData("tokenizer.json", "\"a\":0", "\"a\":0.5", "a token id")]
    [InlineData("tokenizer.json", "\"id\":7", "\"id\":2", "the id 2 belongs to both")]
    [InlineData("tokenizer.json", "\"id\":7", "\"id\":\"7\"", "added_tokens")]
    [InlineData("tokenizer.json", "\"special\":false", "\"special\":0", "added_tokens")]
    [InlineData("tokenizer.json", "a b", "ab", "pairs of tokens")]
    [InlineData("tokenizer.json", "a b", "a  b", "pairs of tokens")]
    [InlineData("tokenizer.json", "BPE", "Unigram", "Unigram")]
    [InlineData("tokenizer.json", "p{N}|", "p{N}{1,3}|", "Qwen2's")]
    [InlineData("generation_config.json", "7", "6", "eos_token_id is 6")]
    [InlineData("generation_config.json", "7", "-7", "eos_token_id")]
    public void A_tokenizer_that_contradicts_itself_is_refused_by_name(string name, string from, string to, string named)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        model.WriteFile("tokenizer.json", TokenizerJson("""["a b"]"""));
        model.WriteFile("tokenizer_config.json", """{"pad_token":"<pad>"}""");
        model.WriteFile("generation_config.json", """{"eos_token_id":7}""");
        string path = Path.Combine(model.Path, name), text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        model.WriteFile(name, text.Replace(from, to, StringComparison.Ordinal));
        string message = Assert.Throws<InvalidModelException>(
            () => ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" })).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merge_list_names_its_wrong_line()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        model.WriteFile("vocab.json", Vocabulary);
        model.WriteFile("merges.txt", "#version: 0.2\na b\nab\n");
        string message = Assert.Throws<InvalidModelException>(
            () => ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" })).Message;
        Assert.Contains("line 3", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_synthetic_vocabulary_has_every_byte_once()
    {
        string[] texts = [.. Enumerable.Range(0, 256).Select(SyntheticTokenizer.ByteText)];
        Assert.Equal(256, texts.Distinct().Count());
        Assert.Equal(("!", "~", "¡", "ÿ", "Ā", "Ń"), (texts[0], texts[93], texts[94], texts[187], texts[188], texts[255]));
    }

    internal static string TokenizerJson(string merges) => new JsonObject
    {
        ["added_tokens"] = JsonNode.Parse(
            """[{"id":7,"content":"<turn>","special":true},{"id":8,"content":"<tool>","special":false}"""
                + """,{"id":9,"content":"<pad>","special":true}]"""),
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = HuggingFaceTokenizer.Qwen2Pattern } },
                new JsonObject { ["type"] = "ByteLevel" }),
        },
        ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = JsonNode.Parse(Vocabulary), ["merges"] = JsonNode.Parse(merges) },
    }.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static (uint First, bool HasList) EndTokens(TemporaryFolder folder, TinyFolder model)
    {
        using GgufFile file = GgufFile.Open(ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" }).Path);
        return (file.Metadata.GetUInt32("tokenizer.ggml.eos_token_id"), file.Metadata.Contains("tokenizer.ggml.eos_token_ids"));
    }

    private static System.Collections.Generic.IReadOnlyList<string> Notes(TemporaryFolder folder, TinyFolder model) =>
        [.. ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" }).Report.Notes];

    private static string ChatTemplate(TemporaryFolder folder, TinyFolder model)
    {
        using GgufFile file = GgufFile.Open(ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" }).Path);
        return file.Metadata.GetString("tokenizer.chat_template");
    }
}
