using System;
using System.Diagnostics;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Kernels;
using AhnSharp.Seeds;
using AhnSharp.Sessions;

namespace AhnSharp.Measurement;

/// <summary>
/// Runs tests of one model in one memory. What stands before a test is fed once and forked for each run, so
/// that no run sees another's tokens.
/// </summary>
/// <remarks>
/// Prompts are seeded random ids: speed does not depend on them. A generated token is the likeliest one, picked from all logits,
/// and is part of the time. Behind a text, the last token of it is fed after forking: what a fork copies when it first writes is
/// copied before the time begins.
/// </remarks>
internal sealed class SpeedRunner : IDisposable
{
    private const ulong Seed = 20260101;
    private readonly LanguageModel _model;
    private readonly SessionOptions _options;
    private readonly bool _madeUp;
    private LanguageSession? _before;

    /// <summary>Of a model, whose sessions keep what the options say.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What its sessions keep.</param>
    /// <param name="madeUp">Makes up what stands before a test, instead of reading it; on the processor alone.</param>
    public SpeedRunner(LanguageModel model, SessionOptions options, bool madeUp = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _options, _madeUp, Plan) = (model, options, madeUp, model.Plan(options));
    }

    /// <summary>What its sessions keep.</summary>
    public SessionPlan Plan { get; }

    /// <summary>
    /// Bytes that a token of a test reads at least: all weights once but the embedding's other rows, the keys and values it sees, and the
    /// memory, read and written.
    /// </summary>
    /// <remarks>Of a prompt, a chunk reads the weights once; so this is for generated tokens.</remarks>
    public long BytesPerToken(SpeedTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        long middle = test.Depth + test.Tokens / 2,
            seen = Plan.Mode == MemoryMode.Full ? middle : Math.Min(middle, (long)Plan.Window + Plan.Sinks);
        long memory = Plan.Mode == MemoryMode.Ahn && middle > (long)Plan.Window + Plan.Sinks ? 2 * Plan.MemoryBytes : 0;
        return _model.TokenWeightBytes + Plan.ExactBytesRead(seen) + memory;
    }

    /// <summary>Seeded ids of the model's vocabulary.</summary>
    public static int[] RandomIds(int vocabularySize, int count, ulong seed = Seed)
    {
        SplitMix64 random = new(seed);
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) ids[i] = (int)(random.NextUInt64() % (ulong)vocabularySize);
        return ids;
    }

    /// <summary>Runs a test once.</summary>
    /// <param name="test">What to time.</param>
    /// <param name="tokens">How many tokens of it to time at most: a warm-up generates fewer.</param>
    /// <param name="profile">Is told where the time goes; null: nothing is.</param>
    /// <param name="cancellation">Ends it.</param>
    public SpeedRun Run(SpeedTest test, int tokens = int.MaxValue, StepProfile? profile = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(test);
        int count = Math.Min(test.Tokens, tokens);
        int[] ids = RandomIds(_model.Config.VocabularySize, test.Prompt > 0 ? count : 1);
        using LanguageSession session = Begin(test.Depth, cancellation);
        Profile(profile);
        try
        {
            profile?.Start();
            SpeedRun run = test.Prompt > 0 ? Read(session, ids, test.Asks, cancellation) : Generate(session, ids[0], count, cancellation);
            profile?.Stop();
            return run;
        }
        finally
        {
            Profile(null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _before?.Dispose();

    // Where the time of a step goes is known of the processor alone.
    private void Profile(StepProfile? profile)
    {
        if (_model.Processor is { ComputesAll: true } here) here.Workers.Profile = profile;
    }

    private SpeedRun Read(LanguageSession session, int[] ids, bool asks, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        _model.Forward(session, ids, asks ? TokenPhase.Asking : TokenPhase.Reading, null, cancellation);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Pick(session);
        return new SpeedRun(seconds, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private SpeedRun Generate(LanguageSession session, int id, int count, CancellationToken cancellation)
    {
        double first = 0;
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            _model.Forward(session, new ReadOnlySpan<int>(in id), cancellation);
            id = Pick(session);
            if (i == 0) first = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        return new SpeedRun(Stopwatch.GetElapsedTime(started).TotalSeconds, first);
    }

    private static int Pick(LanguageSession session) => Math.Max(0, session.Logits.ArgMax());

    private LanguageSession Begin(int depth, CancellationToken cancellation)
    {
        if (depth == 0) return _model.CreateSession(_options);
        int[] ids = RandomIds(_model.Config.VocabularySize, depth, Seed + 1);
        if (_before is null || _before.Position > depth - 1)
        {
            _before?.Dispose();
            _before = null;
            _before = _model.CreateSession(_options);
        }
        if (_madeUp && depth - 1 > _before.Position && _model is CpuModel here)
            MadeUpText.Write(here, _before, depth - 1, Seed);
        if (depth - 1 > _before.Position)
        {
            _model.Forward(
                _before, ids.AsSpan((int)_before.Position, depth - 1 - (int)_before.Position), TokenPhase.Reading, null, cancellation);
        }
        LanguageSession session = _before.Fork();
        try
        {
            _model.Forward(session, ids.AsSpan(depth - 1), cancellation);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
