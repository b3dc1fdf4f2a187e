using System;
using System.Diagnostics;
using System.Numerics.Tensors;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Sessions;

namespace AhnSharp.Measurement;

/// <summary>One session that generates token by token, with the time of each step: the pass and the choice of the next token.</summary>
/// <remarks>What it reads is read, and what it generates asks the archive where there is one.</remarks>
internal sealed class StepClock(CpuModel model, LanguageSession session)
{
    private int _id = 1 % model.Config.VocabularySize;

    public LanguageSession Session => session;

    /// <summary>Generates one token.</summary>
    /// <returns>Seconds.</returns>
    public double Step(CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        model.Forward(session, new ReadOnlySpan<int>(in _id), cancellation);
        _id = Math.Max(0, TensorPrimitives.IndexOfMax(session.LastLogits));
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Reads ids at once.</summary>
    /// <returns>Seconds.</returns>
    public double Read(ReadOnlySpan<int> ids, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        model.Forward(session, ids, TokenPhase.Reading, null, cancellation);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>A new session behind a text: random ids that the model reads, or a text that is made up.</summary>
    public static StepClock Behind(
        CpuModel model, SessionOptions options, long tokens, bool madeUp, Action<long>? read, CancellationToken cancellation)
    {
        const int piece = 2048;
        LanguageSession session = model.CreateSession(options);
        try
        {
            if (madeUp) MadeUpText.Write(model, session, tokens, Seed);
            else
            {
                int[] ids = SpeedRunner.RandomIds(model.Config.VocabularySize, checked((int)tokens), Seed);
                for (int done = 0; done < ids.Length; done += piece)
                {
                    model.Forward(
                        session, ids.AsSpan(done, Math.Min(piece, ids.Length - done)), TokenPhase.Reading, null, cancellation);
                    read?.Invoke(session.Position);
                }
            }
            return new StepClock(model, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private const ulong Seed = 20260102;
}
