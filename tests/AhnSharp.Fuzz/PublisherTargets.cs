using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using AhnSharp.Testing;
using AhnSharp.Tokenizer;

namespace AhnSharp.Fuzz;

/// <summary>What a publisher writes beside weights: the files of a Hugging Face folder, a tokenizer, a chat template.</summary>
internal static class PublisherTargets
{
    private const string Vocabulary20 = """{"a":0,"b":1,"ab":2,"<end>":3,"Ġ":4,"Ġa":5}""";

    internal const string ChatMl = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private const string Constructs = "{%- set ns = namespace(x=0) -%}{% for i in [1,2,3] %}{% if loop.first and i > 0 %}{{ i ~ 'a' }}"
        + "{% else %}{{ i|string|upper }}{% endif %}{% endfor %}{% macro m(a, b=1) %}{{ a }}{% endmacro %}{{ m(2) }}"
        + "{{ messages|map(attribute='role')|join(', ') }}{{ '%05.1f' % 2.5 }}{{ 'a-b'.split('-')|tojson(indent=2) }}";

    private static readonly string[] s_texts =
    [
        "", "hello he he", "zhehehehe\n  \t", "é½𝄞 12345", new('h', 3000), "<|im_start|>he<|im_end|>",
        string.Concat(Enumerable.Repeat("he", 1500)),
    ];

    public static IEnumerable<FuzzTarget> All =>
    [
        new()
        {
            Name = "hf-folder",
            Extension = ".json",
            Seeds = static () => [.. FolderFiles().Select(static file => Encoding.UTF8.GetBytes($"{file.Name}\n{file.Text}"))],
            Mutate = static (random, seeds) => OneFile(random, seeds),
            Read = ReadFolder,
            IsExpected = static e => e is InvalidModelException or IOException,
            BytesPerByte = 400,
            ConstantBytes = 4 << 20,
            InputsInSuite = 300,
        },
        new()
        {
            Name = "tokenizer",
            Extension = ".gguf",
            Seeds = static () => [Vocabulary(new Random(1), changes: 0)],
            Mutate = static (random, _) => Vocabulary(random, changes: random.Next(8)),
            Read = static (_, path) => Encode(path),
            IsExpected = static e => e is InvalidModelException,
            BytesPerByte = 200,
            ConstantBytes = 4 << 20,
            InputsInSuite = 400,
        },
        new()
        {
            Name = "template",
            Extension = ".jinja",
            Seeds = static () => [.. new[] { ChatMl, Constructs }.Select(Encoding.UTF8.GetBytes), .. Templates()],
            Words =
            [
                "{% for x in messages %}", "{% endfor %}", "{{", "}}", "{%", "%}", "|tojson", "|length", ".strip()", " in ", "[0]",
                "'a' * 100000", "[1] * 9999", "{% set a = a ~ a %}", "not", "is defined", "namespace()", "range(100000)", "loop.index",
                "|replace('a','bb')", "(", ")", "[", "]", "|map('upper')", "|selectattr('a')", "|sort", "|unique", "'%9999d' % 1",
                "strftime_now('%Y')", "{% generation %}", "{% break %}", "[::-1]", ".format(1)", "|indent(99999)", "|center(99999)",
                "{% set x = [x, x] %}", "|items", "**", "//", "~",
            ],
            Read = static (bytes, _) => ChatTemplate.Parse(Encoding.UTF8.GetString(bytes)).Render(
                [new ChatMessage("system", "Be short."), new ChatMessage("user", "<|im_end|> hello"), new ChatMessage("assistant", "aaa")]),
            IsExpected = static e => e is ChatTemplateException,
            BytesPerByte = 4000,
            // The budget of characters, with where each came from.
            ConstantBytes = 256 << 20,
            MaxTime = TimeSpan.FromSeconds(5),
            InputsInSuite = 1200,
        },
    ];

    internal static QwenTokenizer SmallTokenizer()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("vocabulary.gguf");
        File.WriteAllBytes(path, Vocabulary(new Random(1), changes: 0));
        using GgufFile file = GgufFile.Open(path);
        return QwenTokenizer.FromGguf(file.Metadata);
    }

    private static IEnumerable<byte[]> Templates() =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fixtures", "templates"), "*.jinja", SearchOption.AllDirectories)
            .Where(static path => !path.Contains("hostile", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    private static (string Name, string Text)[] FolderFiles()
    {
        using TemporaryFolder parent = new();
        TinyFolder folder = TinyFolder.Base(parent).Write(shards: 2);
        string index = File.ReadAllText(Directory.GetFiles(folder.Path, "*.index.json").Single());
        return
        [
            ("config.json", folder.Config.ToJsonString()),
            ("tokenizer.json", new JsonObject
            {
                ["added_tokens"] = new JsonArray(Added(7, "<turn>", true), Added(8, "<tool>", false), Added(9, "<pad>", true)),
                ["normalizer"] = new JsonObject { ["type"] = "NFC" },
                ["pre_tokenizer"] = new JsonObject
                {
                    ["type"] = "Sequence",
                    ["pretokenizers"] = new JsonArray(
                        new JsonObject
                        {
                            ["type"] = "Split",
                            ["pattern"] = new JsonObject { ["Regex"] = HuggingFaceTokenizer.Qwen2Pattern },
                        },
                        new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false }),
                },
                ["model"] = new JsonObject
                {
                    ["type"] = "BPE",
                    ["vocab"] = JsonNode.Parse(Vocabulary20),
                    ["merges"] = new JsonArray("a b", new JsonArray("Ġ", "a")),
                },
            }.ToJsonString()),
            ("tokenizer_config.json", """{"chat_template":"T","pad_token":{"content":"<pad>"},"eos_token":"<turn>","add_bos_token":false"""
                + ""","added_tokens_decoder":{"7":{"content":"<turn>","special":true}},"tokenizer_class":"Qwen2Tokenizer"}"""),
            ("generation_config.json", """{"eos_token_id":[7,3]}"""),
            ("added_tokens.json", """{"<turn>":7,"<tool>":8}"""),
            ("chat_template.json", """{"chat_template":[{"name":"default","template":"T"},{"name":"tools","template":"U"}]}"""),
            ("model.safetensors.index.json", index),
        ];

        static JsonObject Added(int id, string text, bool special) => new() { ["id"] = id, ["content"] = text, ["special"] = special };
    }

    // The first line names the file, which is left as it is.
    private static byte[] OneFile(Random random, IReadOnlyList<byte[]> seeds)
    {
        byte[] seed = seeds[random.Next(seeds.Count)];
        int end = Array.IndexOf(seed, (byte)'\n') + 1;
        string[] words = ["added_tokens", "<|im_end|>", "yarn", "1", "rope_scaling", "../x", "eos_token_id", "qwen3", "Unigram", "Ġ"];
        return [.. seed.AsSpan(0, end), .. Mutator.Json(random, [seed[end..]], words)];
    }

    private static void ReadFolder(byte[] bytes, string path)
    {
        string folder = Path.Combine(Path.GetDirectoryName(path)!, "hf-folder");
        if (!Directory.Exists(folder)) WriteFolder(folder);
        int end = Math.Max(0, Array.IndexOf(bytes, (byte)'\n'));
        string name = Encoding.UTF8.GetString(bytes, 0, end), file = Path.Combine(folder, name), kept = File.ReadAllText(file);
        try
        {
            File.WriteAllBytes(file, bytes[(end + 1)..]);
            ModelConverter.Convert(new ConversionOptions { BaseFolder = folder, Output = folder + ".gguf", Overwrite = true });
        }
        finally
        {
            File.WriteAllText(file, kept);
        }
    }

    private static void WriteFolder(string folder)
    {
        using TemporaryFolder parent = new();
        string made = TinyFolder.Base(parent).Write(shards: 2).Path;
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(made)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        foreach ((string name, string text) in FolderFiles()) File.WriteAllText(Path.Combine(folder, name), text);
    }

    private static void Encode(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(file.Metadata);
        foreach (string text in s_texts)
        {
            if (tokenizer.Decode(tokenizer.Encode(text)) != text)
                throw new NotSupportedException($"Decode(Encode(x)) is another text, of {text.Length} characters");
            tokenizer.EncodeWithSpecials(text);
        }
    }

    private static byte[] Vocabulary(Random random, int changes)
    {
        List<string> merges = ["h e", "l l", "he ll", "hell o", "Ġ he", "h h", "hh hh", "hhhh hhhh", "1 2"];
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(static value => ByteAlphabet.Character((byte)value).ToString())];
        tokens.AddRange(merges.Select(static merge => merge.Replace(" ", "", StringComparison.Ordinal)));
        List<int> types = [.. Enumerable.Repeat(1, tokens.Count)];
        foreach (string special in (string[])["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
        {
            tokens.Add(special);
            types.Add(3);
        }
        uint end = (uint)tokens.Count - 1;
        for (; changes > 0; changes--)
        {
            int token = random.Next(tokens.Count), merge = random.Next(merges.Count);
            switch (random.Next(9))
            {
                case 0: merges.Reverse(); break;
                case 1: (merges[0], merges[merge]) = (merges[merge], merges[0]); break;
                case 2: merges.RemoveAt(merge); merges.Add("e h"); tokens.Add("eh"); types.Add(1); break;
                case 3: types[token] = random.Next(-1, 8); break;
                case 4: tokens[token] = random.Next(2) == 0 ? "" : new string('h', random.Next(1, 3000)); break;
                case 5: (tokens[token], tokens[0]) = (tokens[0], tokens[token]); break;
                case 6: for (int i = 0; i < 200; i++) { tokens.Add($"h{i}"); types.Add(random.Next(3, 5)); } break;
                case 7: end = (uint)random.Next(-1, 300); break;
                default: merges[merge] = random.Next(2) == 0 ? "h  e" : "h\u0000 e"; break;
            }
        }
        GgufWriter writer = new();
        writer.Add("general.architecture", "qwen2");
        writer.Add("tokenizer.ggml.model", "gpt2");
        writer.Add("tokenizer.ggml.pre", "qwen2");
        writer.Add("tokenizer.ggml.tokens", tokens.ToArray());
        writer.Add("tokenizer.ggml.token_type", types.ToArray());
        writer.Add("tokenizer.ggml.merges", merges.ToArray());
        writer.Add("tokenizer.ggml.eos_token_id", end);
        using MemoryStream stream = new();
        writer.Write(stream);
        return stream.ToArray();
    }
}
