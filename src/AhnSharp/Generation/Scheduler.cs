using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Sessions;

namespace AhnSharp.Generation;

/// <summary>Many texts through one model: again and again it picks rows, runs a pass, and lets what was read go on.</summary>
/// <remarks>
/// Texts may be added at any moment and take part from the next pass. Those that write go first, one row each; what is left of the pass
/// goes to prompts, in pieces that whoever waits longest gets first, and what those leave to readings in the background, which get a piece
/// in every <see cref="BackgroundEvery"/>th pass whatever the others need. A piece of a prompt ends where the text says
/// (<see cref="Sequence.Cuts"/>, or multiples of the piece), never where a pass happens to be full: so what else runs does not change how
/// a text is cut. (Products of one row and of several round differently in the last bits.) Each step is run by one thread at a time.
/// </remarks>
internal sealed class Scheduler : IDisposable
{
    /// <summary>Passes in which a reading in the background gets one piece at least.</summary>
    public const int BackgroundEvery = 8;

    private readonly LanguageModel _model;
    private readonly int _pieceTokens;
    private readonly Lock _adding = new(), _stepping = new();
    private readonly SemaphoreSlim _added = new(0);
    private readonly List<Sequence> _arrived = []; // under _adding
    private readonly List<(Sequence Sequence, TaskCompletionSource Out)> _takenBack = []; // under _adding
    private bool _runsNoMore; // under _adding
    private readonly List<Sequence> _running = []; // in the order in which they get their next piece
    private readonly List<Sequence> _picked = []; // with rows: slice and outcome i are those of sequence i
    private readonly List<Sequence> _rowless = []; // have read everything, and write
    private readonly List<Sequence> _leaving = [];
    private SequenceSlice[] _slices = new SequenceSlice[1];
    private StepOutcome[] _outcomes = new StepOutcome[1];
    private int _count;
    private bool _promptsHadNoRoom; // in the last pass, none of them
    private int _passedOver; // passes in a row in which a reading in the background got nothing
    private long _passes;

    /// <param name="model">The sequences' model.</param>
    /// <param name="pieceTokens">
    /// Most tokens of a prompt in one pass; null: a whole chunk. Fewer let those that write wait less: at 150 tokens/s 32 take 0.2 s.
    /// </param>
    public Scheduler(LanguageModel model, int? pieceTokens = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (pieceTokens is { } piece)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(piece, 1, nameof(pieceTokens));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(piece, model.ChunkTokens, nameof(pieceTokens));
        }
        (_model, _pieceTokens) = (model, pieceTokens ?? model.ChunkTokens);
    }

    /// <summary>Sequences that are not at rest yet.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Passes that were run.</summary>
    public long Passes => Volatile.Read(ref _passes);

    /// <summary>Lets a sequence take part until it is at rest (<see cref="Sequence.IsAtRest"/>).</summary>
    public void Add(Sequence sequence)
    {
        sequence.Failure = null;
        lock (_adding) _arrived.Add(sequence);
        Interlocked.Increment(ref _count);
        if (_added.CurrentCount == 0) _added.Release();
    }

    /// <summary>Lets a sequence take no further part; what its session has read stays read. Waits for the pass that it is in.</summary>
    public void Remove(Sequence sequence)
    {
        lock (_stepping)
        {
            lock (_adding) TakeOut(sequence);
        }
    }

    /// <summary>
    /// The same of a scheduler that <see cref="Run"/> runs, without a thread that waits: the next pass begins without it.
    /// </summary>
    /// <remarks>
    /// A thread that waited for the lock would wait for many passes, since whoever steps takes it again at once; and with as many of them
    /// as the pool has threads, nobody would be left to hand out what was written.
    /// </remarks>
    public Task RemoveAsync(Sequence sequence)
    {
        TaskCompletionSource taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool runs;
        lock (_adding)
        {
            runs = !_runsNoMore;
            if (runs) _takenBack.Add((sequence, taken));
        }
        if (!runs)
        {
            Remove(sequence);
            return Task.CompletedTask;
        }
        if (_added.CurrentCount == 0) _added.Release();
        return taken.Task;
    }

    /// <summary>No step runs, and nobody waits in <see cref="Run"/>; the sequences and their sessions stay their owners'.</summary>
    public void Dispose() => _added.Dispose();

    /// <summary>Schedules, runs one pass, accepts.</summary>
    /// <returns>Whether there was anything to do.</returns>
    public bool Step()
    {
        lock (_stepping)
        {
            lock (_adding)
            {
                _running.AddRange(_arrived);
                _arrived.Clear();
                TakeBack();
            }
            Schedule();
            if (_picked.Count > 0)
            {
                _model.Step(_slices.AsSpan(0, _picked.Count), _outcomes);
                Volatile.Write(ref _passes, _passes + 1);
            }
            Accept();
            return _picked.Count + _rowless.Count > 0;
        }
    }

    /// <summary>
    /// Steps as long as there is something to do, and waits for more where there is not, all on the caller's thread, until it is cancelled;
    /// it runs no second time.
    /// </summary>
    public void Run(CancellationToken cancellation)
    {
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                if (!Step()) _added.Wait(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        finally
        {
            lock (_stepping)
            {
                lock (_adding)
                {
                    _runsNoMore = true;
                    TakeBack();
                }
            }
        }
    }

    // Under both locks.
    private void TakeBack()
    {
        foreach ((Sequence sequence, TaskCompletionSource taken) in _takenBack)
        {
            TakeOut(sequence);
            taken.SetResult();
        }
        _takenBack.Clear();
    }

    // Under both locks.
    private void TakeOut(Sequence sequence)
    {
        if (_running.Remove(sequence) | _arrived.Remove(sequence)) Interlocked.Decrement(ref _count);
    }

    // Those that write, then prompts in their order, then what is read in the background.
    private void Schedule()
    {
        _picked.Clear();
        _rowless.Clear();
        int rows = 0, prompts = 0;
        bool isDue = _passedOver >= BackgroundEvery - 1;
        if (isDue)
        {
            rows = PickBackground(0, 0, isDue: true);
            if (!BackgroundPiece.MayShare(rows)) return;
        }
        // A piece as long as a chunk has no room beside a row that is written: it gets every second pass.
        bool promptsFirst = _promptsHadNoRoom;
        if (promptsFirst) prompts = PickPrompts(ref rows);
        PickWriting(ref rows);
        if (!promptsFirst) prompts = PickPrompts(ref rows);
        if (!isDue) PickBackground(rows, prompts, isDue: false);
    }

    private void PickWriting(ref int rows)
    {
        foreach (Sequence sequence in _running)
        {
            int waiting = sequence.WaitingCount;
            if (sequence.IsAtRest || waiting > 1 || (waiting == 1 && (!sequence.IsWriting || rows == _model.ChunkTokens))) continue;
            if (waiting == 0) _rowless.Add(sequence);
            else Pick(sequence, waiting);
            rows += waiting;
        }
    }

    private int PickPrompts(ref int rows)
    {
        int prompts = 0;
        bool hadNoRoom = false;
        // All prompts together get one piece of a pass that somebody waits for to write on; else the whole of it.
        int most = _running.Exists(static sequence => sequence is { IsAtRest: false, IsWriting: true, WaitingCount: <= 1 })
            ? _pieceTokens : _model.ChunkTokens;
        foreach (Sequence sequence in _running)
        {
            if (sequence.IsAtRest || sequence.WaitingCount == 0 || (sequence.WaitingCount == 1 && sequence.IsWriting)) continue;
            if (sequence.BackgroundFrom is not null) continue;
            int count = Piece(sequence);
            if (rows + count > _model.ChunkTokens || prompts + count > most)
            {
                hadNoRoom = true;
                continue;
            }
            Pick(sequence, count);
            rows += count;
            prompts += count;
        }
        _promptsHadNoRoom = hadNoRoom && prompts == 0;
        return prompts;
    }

    // What a pass that has so many rows, so many of them of prompts, leaves to the first in the background that can use it.
    private int PickBackground(int rows, int prompts, bool isDue)
    {
        bool waits = false;
        foreach (Sequence sequence in _running)
        {
            if (sequence.IsAtRest || sequence.WaitingCount == 0 || sequence.BackgroundFrom is not { } from) continue;
            waits = true;
            int most = (int)Math.Min(sequence.WaitingCount, sequence.MaxToRead), room = _model.ChunkTokens - rows;
            // Where it is due, those that write keep their rows, unless they would leave it nothing.
            int writing = isDue ? _running.Count(static other => other is { IsWriting: true, WaitingCount: 1 }) : 0;
            int count = Count(room - writing);
            if (count == 0 && isDue) count = Count(room);
            if (count == 0 || (rows > 0 && !BackgroundPiece.MayShare(count))) continue;
            Pick(sequence, count, isFirst: true);
            _passedOver = 0;
            return count;

            int Count(int left) => BackgroundPiece.Of(
                sequence.Session.Position - from, _model.ChunkTokens, most,
                Math.Min(left, Math.Max(_pieceTokens, BackgroundPiece.Grain) - prompts), left);
        }
        _passedOver = waits ? _passedOver + 1 : 0;
        return 0;
    }

    private int Piece(Sequence sequence)
    {
        long position = sequence.Session.Position;
        long end = _pieceTokens == _model.ChunkTokens ? position + _pieceTokens : (position / _pieceTokens + 1) * _pieceTokens;
        if (sequence.Cuts is { } cuts) end = Math.Min(cuts.After(position), end);
        return sequence.AlikeUpTo((int)Math.Min(end - position, Math.Min(sequence.WaitingCount, sequence.MaxToRead)));
    }

    private void Pick(Sequence sequence, int count, bool isFirst = false)
    {
        if (_picked.Count == _slices.Length)
        {
            Array.Resize(ref _slices, 2 * _slices.Length);
            Array.Resize(ref _outcomes, _slices.Length);
        }
        int at = isFirst ? 0 : _picked.Count;
        if (isFirst) Array.Copy(_slices, 0, _slices, 1, _picked.Count);
        _slices[at] = new SequenceSlice(
            sequence.Session, sequence.Next(count), Cancellation: sequence.Cancellation, Phase: sequence.Phase);
        _picked.Insert(at, sequence);
    }

    private void Accept()
    {
        foreach (Sequence sequence in _rowless) Accept(sequence, default, 0);
        for (int i = 0; i < _picked.Count; i++)
        {
            int count = _slices[i].Ids.Length;
            _slices[i] = default;
            Accept(_picked[i], _outcomes[i], count);
        }
        foreach (Sequence sequence in _picked)
        {
            // Whoever got a piece goes behind those who wait for theirs.
            if (_running.Count > 1 && _running.Remove(sequence)) _running.Add(sequence);
        }
        foreach (Sequence sequence in _running)
        {
            if (sequence.IsAtRest) _leaving.Add(sequence);
        }
        foreach (Sequence sequence in _leaving)
        {
            _running.Remove(sequence);
            Interlocked.Decrement(ref _count);
        }
        _leaving.Clear();
        foreach (Sequence sequence in _rowless) sequence.Advanced?.Invoke();
        foreach (Sequence sequence in _picked) sequence.Advanced?.Invoke();
    }

    private static void Accept(Sequence sequence, StepOutcome outcome, int count)
    {
#pragma warning disable CA1031 // What one sequence's reader, sampler or cache throws ends that sequence alone.
        try
        {
            outcome.ThrowUnlessDone();
            if (count > 0) sequence.Done(count);
            if (sequence.WaitingCount == 0 && sequence.IsWriting) Write(sequence);
        }
        catch (Exception failure)
        {
            sequence.Failure = failure;
            sequence.Answer?.End(failure is OperationCanceledException ? StopReason.Cancelled : StopReason.Failed);
        }
#pragma warning restore CA1031
    }

    private static void Write(Sequence sequence)
    {
        sequence.Cancellation.ThrowIfCancellationRequested();
        int? id = sequence.Answer!.Accept(sequence.Session.Logits, out string text, sequence.Session.Room);
        sequence.Say(text);
        if (id is { } next) sequence.Append([next], TokenPhase.Asking);
    }
}
