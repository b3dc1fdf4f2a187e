using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

namespace AhnSharp.Sessions;

/// <summary>The tokens that go through the layers together: at most one chunk, of one or more sessions.</summary>
/// <remarks>
/// Planned once, run by every layer on every device. The lists are reused, so a pass allocates nothing once they have grown.
/// </remarks>
internal sealed class Pass
{
    /// <summary>Consecutive tokens of one session: rows Row … Row + Count − 1 of the pass.</summary>
    /// <param name="Session">The text.</param>
    /// <param name="Row">The first of its rows.</param>
    /// <param name="Count">Its tokens.</param>
    /// <param name="Position">Of the first of them.</param>
    /// <param name="Evicted">So many of them, the last ones, push a token out of the window into the memory.</param>
    /// <param name="EveryRow">Receives all rows' logits.</param>
    /// <param name="FirstIndex">The index by which it is told of the first row.</param>
    /// <param name="WantsLogits">Whether the logits behind the last token are asked for.</param>
    /// <param name="Cancellation">Its own.</param>
    /// <param name="Asks">Whether its tokens ask the archive that the session has.</param>
    /// <param name="Hidden">Receives hidden rows behind the last norm; null: nobody asks.</param>
    /// <param name="EveryHidden">Whether of every token, else of the last.</param>
    internal readonly record struct Part(
        LanguageSession Session, int Row, int Count, long Position, int Evicted, LogitsReader? EveryRow, int FirstIndex, bool WantsLogits,
        CancellationToken Cancellation, bool Asks = false, HiddenReader? Hidden = null, bool EveryHidden = false)
    {
        /// <summary>Rows that logits are asked of: all, the last, or none.</summary>
        public int Asked => EveryRow is not null ? Count : WantsLogits ? 1 : 0;
    }

    private readonly List<int> _ids = [];
    private readonly List<Part> _parts = [];
    private readonly List<Exception?> _failures = [];

    public ReadOnlySpan<Part> Parts => CollectionsMarshal.AsSpan(_parts);

    public int Rows => _ids.Count;

    /// <summary>Whether a session keeps gates beside its tokens: the others need none.</summary>
    public bool KeepsGates { get; private set; }

    /// <summary>Whether hidden rows are asked for.</summary>
    public bool AsksForHidden { get; private set; }

    public void Clear()
    {
        _ids.Clear();
        _parts.Clear();
        _failures.Clear();
        (KeepsGates, AsksForHidden) = (false, false);
    }

    public int Id(int row) => _ids[row];

    public ReadOnlySpan<int> Ids(in Part part) => CollectionsMarshal.AsSpan(_ids).Slice(part.Row, part.Count);

    public void Add(
        LanguageSession session, ReadOnlySpan<int> ids, LogitsReader? everyRow, int firstIndex, bool wantsLogits, TokenPhase phase,
        HiddenReader? hidden, bool everyHidden, CancellationToken cancellation)
    {
        int evicted = session.Plan.Evicted(session.Position, ids.Length);
        KeepsGates |= session.Plan.HasMemory;
        AsksForHidden |= hidden is not null;
        _parts.Add(new Part(
            session, _ids.Count, ids.Length, session.Position, evicted, everyRow, firstIndex, wantsLogits, cancellation,
            session.Archive is not null && phase == TokenPhase.Asking, hidden, everyHidden));
        _failures.Add(null);
        _ids.AddRange(ids);
    }

    /// <summary>Why one part fails although the pass succeeds; null: it does not.</summary>
    public Exception? FailureOf(int part) => _failures[part];

    /// <summary>Lets one part fail; the others go on.</summary>
    public void Fail(int part, Exception cause) => _failures[part] ??= cause;

    /// <summary>Hands a row's logits to who reads every row of a part; the part fails where that throws.</summary>
    /// <returns>Whether it goes on.</returns>
    public bool TryRead(int part, LogitsReader reader, int index, ReadOnlySpan<float> logits)
    {
#pragma warning disable CA1031 // A reader's failure is its sequence's own.
        try
        {
            reader(index, logits);
            return true;
        }
        catch (Exception cause)
        {
            Fail(part, cause);
            return false;
        }
#pragma warning restore CA1031
    }

    /// <summary>Hands a hidden row to who asked for it; the part fails where that throws.</summary>
    public void TryRead(int part, HiddenReader reader, int index, ReadOnlySpan<float> hidden)
    {
#pragma warning disable CA1031 // A reader's failure is its sequence's own.
        try
        {
            reader(index, hidden);
        }
        catch (Exception cause)
        {
            Fail(part, cause);
        }
#pragma warning restore CA1031
    }

    /// <summary>
    /// Ends the pass where nobody waits for it any more; one cancelled sequence among others is left out when it is over.
    /// </summary>
    /// <exception cref="OperationCanceledException">Every part was cancelled.</exception>
    public void ThrowIfCancelled()
    {
        foreach (ref readonly Part part in Parts)
        {
            if (!part.Cancellation.IsCancellationRequested) return;
        }
        if (_parts.Count > 0) throw new OperationCanceledException(_parts[0].Cancellation);
    }
}
