using System;
using System.IO;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;

namespace AhnSharp.Tests.Constraints;

/// <summary>The tokenizers that constraints are tested with, read once.</summary>
internal static class Vocabularies
{
    /// <summary>Qwen's real vocabulary of 152k tokens, which is not part of the repository.</summary>
    public const string QwenFile = "data/qwen/ggml-vocab-qwen2.gguf";

    private static readonly Lazy<QwenTokenizer> s_demo = new(() => Read(Path.Combine(Fixture.Repository, "gguf", "ahn-demo-q8_0.gguf")));
    private static readonly Lazy<QwenTokenizer> s_qwen = new(() => Read(Fixture.Shared(QwenFile)));

    public static QwenTokenizer Demo => s_demo.Value;
    public static QwenTokenizer Qwen => s_qwen.Value;

    private static QwenTokenizer Read(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return QwenTokenizer.FromGguf(file.Metadata);
    }
}
