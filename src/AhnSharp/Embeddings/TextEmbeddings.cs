using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics.Tensors;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Sessions;

namespace AhnSharp.Embeddings;

/// <summary>Texts as vectors: what a model knows of each behind its last layer.</summary>
/// <example>
/// <code>
/// using TextModel model = TextModel.Load("qwen3-embedding-0.6b-q8_0.gguf");
/// IReadOnlyList&lt;TextEmbedding&gt; found = await model.EmbedAsync(["A castle.", "A ship."]);
/// float cosine = TensorPrimitives.Dot(found[0].Vector.Span, found[1].Vector.Span);
/// </code>
/// </example>
public static class TextEmbeddings
{
    /// <summary>Embeds texts, several together in one pass through the network; no product with the vocabulary is computed.</summary>
    /// <remarks>
    /// A vector depends on its text alone, up to rounding: products of few and of many rows round differently in the last bits. It does
    /// not depend on the number of threads.
    /// </remarks>
    /// <param name="model">A model made for embeddings (Qwen3-Embedding), or any other.</param>
    /// <param name="texts">In which nothing is special.</param>
    /// <param name="options">How; null: the defaults, and what the file says.</param>
    /// <param name="cancellationToken">Ends it, within a pass too.</param>
    /// <returns>One per text, in their order.</returns>
    /// <exception cref="ContextOverflowException">A text is longer than a context that keeps everything: nothing was read, and no text is
    /// ever cut.</exception>
    /// <exception cref="ArgumentException">A text without a token, or an option out of range.</exception>
    /// <exception cref="NotSupportedException">The model has no such end token.</exception>
    public static async Task<IReadOnlyList<TextEmbedding>> EmbedAsync(
        this TextModel model, IReadOnlyList<string> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(texts);
        options ??= new EmbeddingOptions();
        options.Check(model.Model.Config.HiddenSize, nameof(options));
        return await Task.Run(() => Embed(model, texts, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The pooling of a model with these options: how its vectors come about, for people and for tests.</summary>
    public static Pooling PoolingOf(this TextModel model, EmbeddingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return options?.Pooling ?? EmbeddingKeys.PoolingOf(model.Model.Metadata);
    }

    private static TextEmbedding[] Embed(
        TextModel model, IReadOnlyList<string> texts, EmbeddingOptions options, CancellationToken cancellation)
    {
        Pooling pooling = model.PoolingOf(options);
        int? end = EndToken(model, options);
        int[][] ids = new int[texts.Count][];
        for (int i = 0; i < ids.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            ids[i] = Ids(model, texts[i], options.Instruction, end);
            if (ids[i].Length > 0) continue;
            throw new ArgumentException($"Text {i}: expected at least one token, found none: an empty text has no vector.", nameof(texts));
        }
        TextPasses.CheckLengths(model.Model.Plan(options.Session), ids);

        double[][] sums = new double[ids.Length][];
        Stack<LanguageSession> free = [];
        try
        {
            new TextPasses(model.Model, options.TextsTogether).Run(
                ids,
                i =>
                {
                    double[] sum = sums[i] = new double[model.Model.Config.HiddenSize];
                    LanguageSession session = free.TryPop(out LanguageSession? used) ? used : model.Model.CreateSession(options.Session);
                    return new SequenceSlice(session, default, WantsLogits: false)
                    {
                        Hidden = (_, row) => Add(row, sum),
                        EveryHidden = pooling == Pooling.Mean,
                    };
                },
                (_, session, _) =>
                {
                    session.Reset(); // its memory goes back; a new session would also take two rows of logits, 1.2 MB
                    free.Push(session);
                },
                cancellation);
        }
        finally
        {
            foreach (LanguageSession session in free) session.Dispose();
        }
        return [.. sums.Select((sum, i) =>
            new TextEmbedding(Vector(sum, pooling == Pooling.Mean ? ids[i].Length : 1, options), ids[i].Length))];
    }

    private static int[] Ids(TextModel model, string text, string? instruction, int? end)
    {
        ArgumentNullException.ThrowIfNull(text);
        int[] ids = model.Tokenizer.Begun(model.Tokenizer.Encode(instruction is null ? text : $"Instruct: {instruction}\nQuery:{text}"));
        return end is { } last ? [.. ids, last] : ids;
    }

    private static int? EndToken(TextModel model, EmbeddingOptions options) => options.EndToken switch
    {
        null => EmbeddingKeys.EndTokenOf(model.Model.Metadata, model.Tokenizer),
        "" => null,
        { } name => model.Tokenizer.IdOf(name)
            ?? throw new NotSupportedException($"The end token {name}: expected a special token of the model, found none of that name."),
    };

    private static void Add(ReadOnlySpan<float> row, double[] sum)
    {
        for (int i = 0; i < sum.Length; i++) sum[i] += row[i];
    }

    // Cut first: a Matryoshka vector is its first numbers, and those have length 1.
    private static float[] Vector(double[] sum, int count, EmbeddingOptions options)
    {
        ReadOnlySpan<double> kept = sum.AsSpan(0, options.Dimensions ?? sum.Length);
        double scale = 1.0 / count;
        if (options.Normalize)
        {
            double length = TensorPrimitives.Norm(kept);
            scale = length > 0 ? 1 / length : 0;
        }
        float[] vector = new float[kept.Length];
        for (int i = 0; i < vector.Length; i++) vector[i] = (float)(kept[i] * scale);
        return vector;
    }
}
