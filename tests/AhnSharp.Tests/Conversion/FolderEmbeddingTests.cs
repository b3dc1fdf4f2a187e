using System;
using System.IO;
using System.Text.Json.Nodes;
using AhnSharp.Embeddings;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Tests.Conversion;

public sealed class FolderEmbeddingTests
{
    // 1_Pooling/config.json, the post-processor, add_eos_token of tokenizer_config.json; pooling_type, add_eos_token, eos_token_id.
    [Theory]
    [InlineData(null, null, null, null, null, 7u)]
    [InlineData("lasttoken", "<pad>", null, 3u, true, 9u)]
    [InlineData("lasttoken", "<pad>", false, 3u, true, 9u)]
    [InlineData("lasttoken", null, null, 3u, false, 7u)]
    [InlineData("mean_tokens", null, true, 1u, true, 8u)]
    [InlineData("cls_token", null, false, 2u, false, 7u)]
    [InlineData(null, "<pad>", null, null, true, 9u)]
    public void What_a_folder_says_of_embeddings_is_written(
        string? pooling, string? behind, bool? flag, uint? type, bool? addsEnd, uint end)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        WriteEmbedding(model, pooling, behind, flag);
        using GgufFile file = GgufFile.Open(ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" }).Path);
        Assert.Equal(type, file.Metadata.GetUInt32OrNull("qwen2.pooling_type"));
        Assert.Equal(addsEnd is not null, file.Metadata.Contains("tokenizer.ggml.add_eos_token"));
        if (addsEnd is { } adds) Assert.Equal(adds, file.Metadata.GetBool("tokenizer.ggml.add_eos_token", !adds));
        Assert.Equal(end, file.Metadata.GetUInt32("tokenizer.ggml.eos_token_id"));
        // Whatever ended a turn still does.
        Assert.Contains(7, file.Metadata.GetInt32Array("tokenizer.ggml.eos_token_ids"));
    }

    [Fact]
    public void A_memory_and_an_embedding_model_are_one_file_with_the_key_of_its_architecture()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write(), memory = TinyFolder.Ahn(folder, "deltanet").Write();
        WriteEmbedding(model, "lasttoken", "<pad>", null);
        using GgufFile file = GgufFile.Open(
            ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, AhnFolder = memory.Path, Output = "" }).Path);
        Assert.Equal(3u, file.Metadata.GetUInt32("qwen2-ahn.pooling_type"));
        Assert.Equal(Pooling.Last, EmbeddingKeys.PoolingOf(file.Metadata));
        Assert.Equal([9, 7, 3], file.Metadata.GetInt32Array("tokenizer.ggml.eos_token_ids"));
    }

    [Theory]
    [InlineData("max_tokens", "<pad>", "max_tokens")]
    [InlineData("lasttoken", "<pad>,<turn>", "post_processor")]
    [InlineData("lasttoken", "<other>", "<other>")]
    public void What_no_file_can_say_of_embeddings_is_refused(string pooling, string behind, string named)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        WriteEmbedding(model, pooling, behind, null);
        string message = Assert.Throws<InvalidModelException>(
            () => ModelConverterTests.Convert(folder, new() { BaseFolder = model.Path, Output = "" })).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
    }

    // As Qwen3-Embedding has it: the template within a sequence, the other settings of sentence-transformers beside the one that is true.
    private static void WriteEmbedding(TinyFolder model, string? pooling, string? behind, bool? flag)
    {
        JsonObject tokenizer = JsonNode.Parse(TokenizerFilesTests.TokenizerJson("[]"))!.AsObject();
        JsonArray single = [new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }];
        foreach (string token in behind?.Split(',') ?? [])
            single.Add(new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } });
        tokenizer["post_processor"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["processors"] = new JsonArray(
                new JsonObject { ["type"] = "ByteLevel" }, new JsonObject { ["type"] = "TemplateProcessing", ["single"] = single }),
        };
        model.WriteFile("tokenizer.json", tokenizer.ToJsonString());
        JsonObject settings = new() { ["eos_token"] = "<tool>" };
        if (flag is { } adds) settings["add_eos_token"] = adds;
        model.WriteFile("tokenizer_config.json", settings.ToJsonString());
        model.WriteFile("generation_config.json", """{"eos_token_id":[7,3]}""");
        if (pooling is null) return;
        JsonObject modes = new() { ["word_embedding_dimension"] = 32, ["pooling_mode_max_tokens"] = false, ["include_prompt"] = true };
        modes["pooling_mode_" + pooling] = true;
        Directory.CreateDirectory(Path.Combine(model.Path, "1_Pooling"));
        model.WriteFile(Path.Combine("1_Pooling", "config.json"), modes.ToJsonString());
    }
}
