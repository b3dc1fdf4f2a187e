using System;
using System.Linq;
using Xunit;

namespace AhnSharp.Hub.Tests;

/// <summary>Which files a person means by what stands behind the colon.</summary>
public sealed class FileChoiceTests
{
    // As Qwen publishes: lower case, large types split.
    private static readonly string[] s_qwen =
    [
        ".gitattributes", "LICENSE", "README.md", "qwen2.5-7b-instruct-fp16-00002-of-00002.gguf",
        "qwen2.5-7b-instruct-fp16-00001-of-00002.gguf", "qwen2.5-7b-instruct-q2_k.gguf",
        "qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf", "qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf", "qwen2.5-7b-instruct-q5_0.gguf",
        "qwen2.5-7b-instruct-q8_0.gguf",
    ];

    // As others do: upper case, folders, words before the type, things that are no models.
    private static readonly string[] s_others =
    [
        "Model-7B-Q4_K_M.gguf", "Model-7B-Q4_K_S.gguf", "Model-7B.Q6_K.gguf", "Model-7B-UD-Q4_K_XL.gguf", "Model-7B-IQ4_XS.gguf",
        "BF16/Model-7B-BF16-00001-of-00002.gguf",
        "BF16/Model-7B-BF16-00002-of-00002.gguf", "mmproj-F16.gguf", "Model-7B-imatrix.gguf", "config.json",
    ];

    private static readonly string[] s_folder =
    [
        "README.md", "config.json", "generation_config.json", "merges.txt", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors", "model.safetensors.index.json",
        "tokenizer.json", "tokenizer_config.json", "vocab.json", "original/model-00001-of-00002.safetensors", "training_args.bin",
    ];

    [Theory]
    [InlineData("q8_0", "qwen2.5-7b-instruct-q8_0.gguf")]
    [InlineData("Q8_0", "qwen2.5-7b-instruct-q8_0.gguf")]
    [InlineData("q5_0", "qwen2.5-7b-instruct-q5_0.gguf")]
    [InlineData("Q4_K_M", "qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf", "qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf")]
    [InlineData("fp16", "qwen2.5-7b-instruct-fp16-00001-of-00002.gguf", "qwen2.5-7b-instruct-fp16-00002-of-00002.gguf")]
    [InlineData("qwen2.5-7b-instruct-fp16-00002-of-00002.gguf", "qwen2.5-7b-instruct-fp16-00001-of-00002.gguf",
        "qwen2.5-7b-instruct-fp16-00002-of-00002.gguf")]
    [InlineData("QWEN2.5-7B-instruct-q8_0.gguf", "qwen2.5-7b-instruct-q8_0.gguf")]
    [InlineData(null, "qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf", "qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf")]
    [InlineData("LICENSE", "LICENSE")]
    public void Of_names_as_Qwen_writes_them(string? what, params string[] expected) => Assert.Equal(expected, Chosen(what, s_qwen));

    [Theory]
    [InlineData("q4_k_m", "Model-7B-Q4_K_M.gguf")]
    [InlineData("q6_k", "Model-7B.Q6_K.gguf")]
    [InlineData("iq4_xs", "Model-7B-IQ4_XS.gguf")]
    [InlineData("ud-q4_k_xl", "Model-7B-UD-Q4_K_XL.gguf")]
    [InlineData("q4_k_xl", "Model-7B-UD-Q4_K_XL.gguf")]
    [InlineData("bf16", "BF16/Model-7B-BF16-00001-of-00002.gguf", "BF16/Model-7B-BF16-00002-of-00002.gguf")]
    [InlineData(
        "BF16/Model-7B-BF16-00001-of-00002.gguf", "BF16/Model-7B-BF16-00001-of-00002.gguf", "BF16/Model-7B-BF16-00002-of-00002.gguf")]
    [InlineData("mmproj-F16.gguf", "mmproj-F16.gguf")]
    [InlineData("config.json", "config.json")]
    public void Of_names_as_others_write_them(string? what, params string[] expected) => Assert.Equal(expected, Chosen(what, s_others));

    [Theory]
    [InlineData("q4_k")]
    [InlineData("f16")]
    [InlineData("4_k_m")]
    [InlineData("none.gguf")]
    public void What_is_not_there_is_a_sentence_with_what_is(string what)
    {
        string sentence = Refused(what, s_others);
        Assert.Contains($"no file and no type '{what}'", sentence, StringComparison.Ordinal);
        foreach (string there in new[] { "Q4_K_M (1.0 MB)", "Q6_K", "IQ4_XS", "BF16 (2.0 MB)" })
            Assert.Contains(there, sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_models_of_a_type_are_a_sentence_with_both_names()
    {
        string sentence = Refused("q8_0", ["a-Q8_0.gguf", "b/c-q8_0.gguf", "d-F16.gguf"]);
        Assert.Contains("fits 2 models: a-Q8_0.gguf, b/c-q8_0.gguf", sentence, StringComparison.Ordinal);
        Assert.Contains("someone/tiny:a-Q8_0.gguf", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_word_the_only_model_is_meant_and_of_many_without_the_usual_one_none()
    {
        Assert.Equal(["weights.gguf"], Chosen(null, ["README.md", "weights.gguf", "config.json", "model.safetensors"]));
        string sentence = Refused(null, ["a-Q8_0.gguf", "a-F16.gguf"]);
        Assert.Contains("has 2 models: Q8_0 (1.0 MB), F16 (1.0 MB); name one, as in someone/tiny:Q8_0", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_safetensors_is_what_convert_reads()
    {
        Assert.Equal(
            ["config.json", "generation_config.json", "merges.txt", "tokenizer.json", "tokenizer_config.json", "vocab.json",
                "model-00001-of-00002.safetensors",
             "model-00002-of-00002.safetensors", "model.safetensors.index.json"],
            Chosen(null, s_folder));
        Assert.Equal(["config.json", "model.safetensors"], Chosen(
            null, ["config.json", "model.safetensors", "model-00001-of-00002.safetensors", "consolidated.safetensors"]));
        Assert.Contains("pickle", Refused(null, ["config.json", "pytorch_model.bin"]), StringComparison.Ordinal);
        Assert.Contains("its files are README.md", Refused(null, ["README.md"]), StringComparison.Ordinal);
        Assert.Contains("it is empty", Refused("q8_0", []), StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_model_without_all_its_parts_is_a_sentence()
    {
        string sentence = Refused("q4_0", ["a-q4_0-00001-of-00003.gguf", "a-q4_0-00003-of-00003.gguf"]);
        Assert.Contains("split in 3 parts, and 2 of them are there", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b", "a/b", null)]
    [InlineData("Qwen/Qwen2.5-7B-Instruct-GGUF:q4_k_m", "Qwen/Qwen2.5-7B-Instruct-GGUF", "q4_k_m")]
    [InlineData("a/b:c/d:e.gguf", "a/b", "c/d:e.gguf")]
    public void A_reference_is_an_owner_a_repository_and_what_of_it(string text, string repo, string? what)
    {
        Assert.True(ModelReference.TryParse(text, out ModelReference? reference));
        Assert.Equal((repo, what), (reference.Repo.Name, reference.What));
        Assert.Equal(text, reference.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpt2")]
    [InlineData("a/b/c")]
    [InlineData("/a/b")]
    [InlineData("a/")]
    [InlineData("a/b:")]
    [InlineData("../b")]
    [InlineData("a/..")]
    [InlineData("a/b--c")]
    [InlineData("a/.b")]
    [InlineData("C:/b")]
    [InlineData("a\\b/c")]
    [InlineData("a/b c")]
    public void Anything_else_is_none(string text) => Assert.False(ModelReference.TryParse(text, out _));

    private static string[] Chosen(string? what, string[] names) =>
        [.. FileChoice.Of(Reference(what), Files(names)).Files.Select(file => file.Path)];

    private static string Refused(string? what, string[] names) =>
        Assert.Throws<HubException>(() => FileChoice.Of(Reference(what), Files(names))).Message;

    private static RepoFile[] Files(string[] names) => [.. names.Select(name => new RepoFile(name, 1_000_000))];

    private static ModelReference Reference(string? what) =>
        ModelReference.TryParse(what is null ? "someone/tiny" : $"someone/tiny:{what}",
            out ModelReference? reference) ? reference : throw new ArgumentException(what);
}
