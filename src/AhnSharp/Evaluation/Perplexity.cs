using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using AhnSharp.Sessions;

namespace AhnSharp.Evaluation;

/// <summary>How surprised a model is by a text: nll[i] = −ln p(ids[i+1] | ids[0..i]), perplexity = e^mean(nll).</summary>
/// <remarks>One pass over one session, whatever its mode: the text is not cut into windows of its own.</remarks>
public static class Perplexity
{
    /// <summary>Reads <paramref name="ids"/> with a fresh session of the given options.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">[N+1] token ids, taken as they are; the first is not predicted.</param>
    /// <param name="options">Mode, window, sinks, context, entries of the cache.</param>
    /// <param name="progress">Told the number of tokens predicted so far, at most once a chunk.</param>
    /// <param name="cancellation">Ends the pass with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">Fewer than two ids, or one outside the model's vocabulary.</exception>
    public static PerplexityResult Measure(
        LanguageModel model, int[] ids, SessionOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancellation = default) => MeasureLast(model, ids, int.MaxValue, options, progress, cancellation);

    /// <summary>Reads what comes before, and predicts the last tokens alone, which ask the archive where there is one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">[N+1] token ids, taken as they are.</param>
    /// <param name="last">How many of the last ids are predicted, at most all but the first.</param>
    /// <param name="options">Mode, window, sinks, archive.</param>
    /// <param name="progress">Told the number of tokens predicted so far, at most once a chunk.</param>
    /// <param name="cancellation">Ends the pass with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidDataException">Fewer than two ids, or one outside the model's vocabulary.</exception>
    public static PerplexityResult MeasureLast(
        LanguageModel model, int[] ids, int last, SessionOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, 1);
        if (ids.Length < 2)
            throw new InvalidDataException($"A perplexity needs at least 2 tokens, one to read and one to predict; found {ids.Length}.");
        TokenIds.ThrowUnlessIn(ids, model.Config.VocabularySize, "the text");

        var nll = new float[Math.Min(last, ids.Length - 1)];
        int read = ids.Length - 1 - nll.Length;
        using LanguageSession session = model.CreateSession(options);
        long started = Stopwatch.GetTimestamp();
        if (read > 0) model.Forward(session, ids.AsSpan(0, read), TokenPhase.Reading, null, cancellation);
        model.Forward(
            session, ids.AsSpan(read, nll.Length),
            (row, logits) =>
            {
                nll[row] = (float)(LogNormalizer.Of(logits) - logits[ids[read + row + 1]]);
                if ((row + 1) % model.ChunkTokens == 0 || row + 1 == nll.Length) progress?.Report(row + 1);
            },
            cancellation);
        return new PerplexityResult(nll, Stopwatch.GetElapsedTime(started).TotalSeconds, session.Tally);
    }
}
