using System;
using System.Collections.Generic;
using System.IO;
using AhnSharp.Constraints;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;
using BenchmarkDotNet.Attributes;

namespace AhnSharp.Bench;

/// <summary>
/// The masks of one answer, token by token: at first under a constraint that nothing is known of, and again. The vocabulary is that of the
/// GGUF file AHN_BENCH_VOCABULARY names, which may be one without weights; else the demo model's.
/// </summary>
public class MaskBench
{
    private QwenTokenizer? _tokenizer;
    private Constraint? _seen;
    private int[] _ids = [];

    [ParamsSource(nameof(Cases))]
    public MaskCase Case { get; set; } = null!;

    public static IEnumerable<MaskCase> Cases => MaskCase.All;

    /// <summary>Tokens of the answer of a case, by the vocabulary that is measured.</summary>
    public static int TokensOf(MaskCase one) => ReadTokenizer().Encode(one.Answer).Length;

    public static QwenTokenizer ReadTokenizer()
    {
        string? path = Environment.GetEnvironmentVariable("AHN_BENCH_VOCABULARY");
        if (path is null)
        {
            string? root = AppContext.BaseDirectory;
            while (root is not null && !File.Exists(Path.Combine(root, "AhnSharp.sln"))) root = Path.GetDirectoryName(root);
            path = Path.Combine(root ?? ".", "gguf", "ahn-demo-q8_0.gguf");
        }
        using GgufFile file = GgufFile.Open(path);
        return QwenTokenizer.FromGguf(file.Metadata);
    }

    [GlobalSetup]
    public void Load()
    {
        _tokenizer = ReadTokenizer();
        _ids = _tokenizer.Encode(Case.Answer);
        _seen = Fresh();
        Masks(_seen);
    }

    /// <summary>Compiling included.</summary>
    [Benchmark]
    public int First() => Masks(Fresh());

    [Benchmark]
    public int Again() => Masks(_seen!);

    // Compiled anew, not taken from the cache of constraints.
    private Constraint Fresh() => Constraint.Of(SchemaCompiler.Compile(Case.Schema));

    private int Masks(Constraint constraint)
    {
        ConstraintMatcher matcher = new(constraint, _tokenizer!, _tokenizer!.VocabularySize);
        int bits = 0;
        foreach (int id in _ids)
        {
            bits += (int)(matcher.Allowed[id >> 6] >> id & 1);
            if (!matcher.Accept(id)) throw new InvalidOperationException($"{Case}: token {id} is not allowed.");
        }
        return bits;
    }
}
