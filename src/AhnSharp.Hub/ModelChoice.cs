using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Hub;

/// <summary>The files of a repository that make up what was asked for.</summary>
/// <param name="Kind">What they are together.</param>
/// <param name="Label">A type such as <c>Q4_K_M</c>, or a name.</param>
/// <param name="Files">The files; the parts of a split model in their order.</param>
public sealed record ModelChoice<T>(ModelKind Kind, string Label, IReadOnlyList<T> Files) where T : RepoFile
{
    /// <summary>Their sizes together.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);
}

/// <summary>What the files of a choice are together.</summary>
public enum ModelKind
{
    /// <summary>One GGUF model, whole or in parts.</summary>
    Gguf,

    /// <summary>A folder as Hugging Face lays it out: config.json, tokenizer, safetensors. <c>ahn convert</c> reads it.</summary>
    Folder,

    /// <summary>One other file.</summary>
    File,
}
