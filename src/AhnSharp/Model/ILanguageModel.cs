using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Model;

/// <summary>A network on whatever computes it: weights that all sessions share, and the one forward pass. The boundary between processor and GPU.</summary>
/// <remarks>
/// <see cref="QwenModel"/> computes on the processor. Sessions belong to the model that made them; snapshots are the same bytes from every kind of model.
/// Forward may be called from any thread; calls take turns.
/// </remarks>
public interface ILanguageModel : IDisposable
{
    /// <summary>The model's shape.</summary>
    ModelConfig Config { get; }

    /// <summary>The file's keys: tokenizer, chat template, name.</summary>
    GgufMetadata Metadata { get; }

    /// <summary>Which model it is: names for people, and hashes by which a snapshot knows its model.</summary>
    ModelIdentity Identity { get; }

    /// <summary>What computes, for people: "AVX-512, 2 threads", "cuda:0 (NVIDIA H200)".</summary>
    string RunsOn { get; }

    /// <summary>C, tokens that pass through a layer together.</summary>
    int ChunkTokens { get; }

    /// <summary>Bytes of the weights where they are computed with, those of the memory included.</summary>
    long WeightBytes { get; }

    /// <summary>Bytes of the file or files.</summary>
    long FileBytes { get; }

    /// <summary>Bytes that passes have left allocated, shared by all sessions.</summary>
    long ScratchBytes { get; }

    /// <summary>What a session with these options would be and take.</summary>
    SessionPlan Plan(SessionOptions? options = null);

    /// <summary>Starts a text.</summary>
    ILanguageSession CreateSession(SessionOptions? options = null);

    /// <summary>Goes on from a snapshot that <see cref="ILanguageSession.Save(string, SnapshotOptions?, CancellationToken)"/> wrote.</summary>
    /// <param name="path">The snapshot.</param>
    /// <param name="expected">Mode, W and S that the session must have been made with, where they are not null; ContextTokens replaces the file's.</param>
    /// <exception cref="SnapshotException">The file is damaged, or of another model, memory, geometry, version or session; the sentence names both.</exception>
    ILanguageSession LoadSession(string path, SessionOptions? expected = null);

    /// <summary>Goes on from an open snapshot.</summary>
    ILanguageSession LoadSession(SnapshotFile file, SessionOptions? expected = null);

    /// <summary>Goes on from a snapshot that begins where the stream stands; afterwards the stream stands behind its last byte.</summary>
    /// <param name="stream">Need not seek.</param>
    /// <param name="expected">As for a file.</param>
    /// <param name="sections">Receives what the application keeps in the snapshot.</param>
    ILanguageSession LoadSession(Stream stream, SessionOptions? expected = null, IDictionary<string, byte[]>? sections = null);

    /// <summary>Feeds tokens to a session; afterwards <see cref="ILanguageSession.LastLogits"/> are those behind the last.</summary>
    /// <exception cref="OperationCanceledException">The session stands at its last whole chunk of <see cref="ChunkTokens"/>.</exception>
    /// <exception cref="ContextOverflowException">Nothing was fed: with them a layer that keeps everything would exceed its context.</exception>
    void Forward(ILanguageSession session, ReadOnlySpan<int> ids, CancellationToken cancellation = default);

    /// <summary>Feeds tokens and hands over the logits behind every one.</summary>
    void Forward(ILanguageSession session, ReadOnlySpan<int> ids, LogitsReader? everyRow, CancellationToken cancellation = default);

    /// <summary>Feeds tokens to several sessions at once: the matrix products run over all rows together.</summary>
    void Forward(ReadOnlySpan<Slice> batch, CancellationToken cancellation = default);

    /// <summary>[H] exp(A_log) of a layer's memory, log decay a unit of Δ, of Mamba2; none of other kinds.</summary>
    internal ReadOnlySpan<double> DecayRatesOf(int layer);
}
