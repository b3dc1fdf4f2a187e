using System;
using System.Diagnostics;
using System.IO;
using System.Numerics.Tensors;
using System.Threading;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Evaluation;

/// <summary>How far a model's next-token distributions are from those of a reference, token by token over one text.</summary>
/// <remarks>
/// Both read the same ids side by side, a chunk of <see cref="LanguageModel.ChunkTokens"/> at a time: the reference's logits of one chunk
/// are kept (156 MB at Qwen's 152,064 tokens), nothing is written to disk. The direction is KL(reference ‖ model): what the model loses
/// of what the reference expects.
/// </remarks>
public static class ModelComparison
{
    /// <summary>Reads <paramref name="ids"/> with a fresh session of each side.</summary>
    /// <param name="reference">What is taken as right.</param>
    /// <param name="model">What is measured.</param>
    /// <param name="ids">[N+1] token ids; the first is not predicted.</param>
    /// <param name="progress">Told the number of tokens compared so far, once a chunk.</param>
    /// <param name="cancellation">Ends the comparison with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">The two have different vocabularies, or the ids are fewer than two
    /// or outside of them.</exception>
    public static ComparisonResult Measure(
        ComparedModel reference, ComparedModel model, int[] ids, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(ids);
        ThrowUnlessSameTokens(reference.Model, model.Model);
        if (ids.Length < 2)
            throw new InvalidDataException($"A comparison needs at least 2 tokens, one to read and one to predict; found {ids.Length}.");
        TokenIds.ThrowUnlessIn(ids, model.Model.Config.VocabularySize, "the text");

        int tokens = ids.Length - 1, vocabulary = model.Model.Config.VocabularySize, chunk = model.Model.ChunkTokens;
        var result = new ComparisonResult(new double[tokens], new bool[tokens], new float[tokens], new float[tokens]);
        var nextToken = new NextToken();
        var rows = new float[Math.Min(chunk, tokens)][];
        for (int i = 0; i < rows.Length; i++) rows[i] = new float[vocabulary];

        using LanguageSession referenceSession = reference.Model.CreateSession(reference.Options),
            session = model.Model.CreateSession(model.Options);
        long started = Stopwatch.GetTimestamp();
        for (int start = 0; start < tokens; start += chunk)
        {
            int first = start;
            ReadOnlySpan<int> read = ids.AsSpan(start, Math.Min(chunk, tokens - start));
            reference.Model.Forward(referenceSession, read, (row, logits) => logits.CopyTo(rows[row]), cancellation);
            model.Model.Forward(session, read, (row, logits) =>
                Compare(nextToken, rows[row], logits, ids[first + row + 1], result, first + row), cancellation);
            progress?.Report(start + read.Length);
        }
        return result with { Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds };
    }

    /// <summary>Two models can be compared where an id means the same token in both.</summary>
    /// <exception cref="InvalidDataException">Their vocabularies differ; the message says in what.</exception>
    public static void ThrowUnlessSameTokens(LanguageModel reference, LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(model);
        if (reference == model) return;
        int expected = reference.Config.VocabularySize, found = model.Config.VocabularySize;
        if (expected != found)
        {
            throw new InvalidDataException($"Two models can be compared where they predict the same tokens: expected the reference's "
                + $"vocabulary of {expected} tokens, found {found} in the model; compare files made of the same base model.");
        }
        // Files without a tokenizer are given ids: whoever made those knows what they mean.
        if (!QwenTokenizer.IsIn(reference.Metadata) || !QwenTokenizer.IsIn(model.Metadata)) return;
        if (!QwenTokenizer.FromGguf(reference.Metadata).Identity.SequenceEqual(QwenTokenizer.FromGguf(model.Metadata).Identity))
        {
            throw new InvalidDataException($"Two models can be compared where an id is the same token in both: expected the reference's "
                + $"tokenizer, found another one of the same {found} tokens in the model; compare files made of the same base model.");
        }
    }

    private static void Compare(
        NextToken nextToken, ReadOnlySpan<float> reference, ReadOnlySpan<float> model, int next, ComparisonResult result, int index)
    {
        double referenceLogZ = LogNormalizer.Of(reference), modelLogZ = LogNormalizer.Of(model);
        result.Divergences[index] = nextToken.Divergence(reference, referenceLogZ, model, modelLogZ);
        result.SameTop[index] = TensorPrimitives.IndexOfMax(reference) == TensorPrimitives.IndexOfMax(model);
        result.ReferenceNll[index] = (float)(referenceLogZ - reference[next]);
        result.ModelNll[index] = (float)(modelLogZ - model[next]);
    }
}
