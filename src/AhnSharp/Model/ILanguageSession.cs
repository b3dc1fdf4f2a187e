using System;
using System.Collections.Generic;
using System.IO;
using System.Numerics.Tensors;
using System.Threading;
using AhnSharp.Attention;

namespace AhnSharp.Model;

/// <summary>All the state of one text, wherever it lies: exact memory and compressed memory of every layer, and the tokens that were seen.</summary>
/// <remarks>Made and advanced by an <see cref="ILanguageModel"/>; not for use on several threads at once. Forks are as independent as any two sessions.</remarks>
public interface ILanguageSession : IDisposable
{
    /// <summary>What it keeps and takes, as it was planned.</summary>
    SessionPlan Plan { get; }

    /// <summary>What it keeps.</summary>
    MemoryMode Mode { get; }

    /// <summary>W, the last tokens that are held exactly; 0 in the mode full.</summary>
    int Window { get; }

    /// <summary>S, the first tokens that are held exactly; 0 in the mode full.</summary>
    int Sinks { get; }

    /// <summary>How keys and values are stored.</summary>
    KvType Kv { get; }

    /// <summary>Tokens seen; the position of the next one.</summary>
    long Position { get; }

    /// <summary>The ids of the tokens seen; valid until the session goes on, is reset or disposed.</summary>
    ReadOnlySpan<int> Tokens { get; }

    /// <summary>Tokens whose keys and values are held exactly.</summary>
    long TokensExact { get; }

    /// <summary>Tokens that live on in the compressed memory alone.</summary>
    long TokensCompressed { get; }

    /// <summary>Tokens that left the window of a session without a memory.</summary>
    long TokensDropped { get; }

    /// <summary>Bytes that the exact and the compressed memory take now; a fork counts what it shares with others too.</summary>
    long StateBytes { get; }

    /// <summary>Bytes of <see cref="Tokens"/>: 4 a token, taken by doubling. The one thing that grows with the text in every mode.</summary>
    long HistoryBytes { get; }

    /// <summary>Bytes this session has copied, since it was created, forked or loaded, because it was about to write what a fork shared with it.</summary>
    long BytesCopied { get; }

    /// <summary>The logits behind the last token fed, [vocabulary]; overwritten by the next Forward.</summary>
    ReadOnlySpan<float> LastLogits { get; }

    /// <summary>An independent session that stands where this one does, in a time that does not depend on what was read.</summary>
    ILanguageSession Fork();

    /// <summary>What the session holds, layer by layer and head by head. It is looked at, not changed; not while a Forward runs.</summary>
    SessionDescription Describe();

    /// <summary>Keeps the session in a file, from which <see cref="ILanguageModel.LoadSession(string, SessionOptions?)"/> of every kind of model goes on. Layout: docs/snapshot.md.</summary>
    /// <param name="path">The file, by custom NAME.ahn.</param>
    /// <param name="options">Compression, and what the application keeps beside the session.</param>
    /// <param name="ct">Ends the saving; the old file stays.</param>
    void Save(string path, SnapshotOptions? options = null, CancellationToken ct = default);

    /// <summary>Writes the bytes of <see cref="Save(string, SnapshotOptions?, CancellationToken)"/> to a stream, front to back without seeking.</summary>
    void Save(Stream stream, SnapshotOptions? options = null);

    /// <summary>Forgets the text: the session is as new.</summary>
    void Reset();

    /// <summary>The model that made it.</summary>
    internal ILanguageModel Model { get; }

    /// <summary>So many of the likeliest tokens a device picks.</summary>
    internal const int MostLikeliest = 64;

    /// <summary>The likeliest tokens behind the last token fed, where the device that computed them has picked them: largest logits first, of equal ones the lowest id first.</summary>
    /// <param name="ids">Takes as many as it has room for, if there are so many.</param>
    /// <param name="logits">Takes their logits; as long as <paramref name="ids"/>.</param>
    /// <returns>How many; 0 where nothing was picked, or a logit is not finite: look at <see cref="LastLogits"/>.</returns>
    internal int Likeliest(Span<int> ids, Span<float> logits) => 0;

    /// <summary>The token of the largest logit behind the last token fed, of equal ones the lowest id.</summary>
    internal int LikeliestToken()
    {
        Span<int> id = stackalloc int[1];
        Span<float> logit = stackalloc float[1];
        return Likeliest(id, logit) == 1 ? id[0] : TensorPrimitives.IndexOfMax(LastLogits);
    }

    /// <summary>Everything the session holds, by identity: two sessions that share a part give the same object.</summary>
    internal IEnumerable<(object Part, long Bytes)> Parts { get; }

    /// <summary>Says so where <paramref name="tokens"/> more do not fit; changes nothing.</summary>
    internal void Reserve(long tokens);

    /// <summary>Bytes that sessions take together, states, token histories and logits: what forks share is counted once.</summary>
    public static long BytesTogether(IEnumerable<ILanguageSession> sessions)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        long bytes = 0;
        HashSet<object> counted = new(ReferenceEqualityComparer.Instance);
        foreach (ILanguageSession session in sessions)
        {
            foreach ((object part, long partBytes) in session.Parts) bytes += counted.Add(part) ? partBytes : 0;
        }
        return bytes;
    }
}
