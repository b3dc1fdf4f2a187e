using System;
using System.Collections.Generic;
using System.Diagnostics;
using AhnSharp.Gguf;

namespace AhnSharp.Kernels;

/// <summary>
/// Where the time of steps goes, by <see cref="ProfileStage"/> and type of weights; a team that has one
/// (<see cref="Workers.Profile"/>) tells it what it does.
/// </summary>
/// <remarks>
/// There is always one current stage, and entering the next one ends it, so the stages together are the whole time between Start and Stop.
/// Within a piece of work that the team shares, the time that the threads did not use on average goes to
/// <see cref="ProfileStage.Waiting"/>. Where a team has none, each operation pays one comparison with null.
/// </remarks>
internal sealed class StepProfile
{
    private const int Types = 64, Stages = (int)ProfileStage.Sampling + 1, Padding = 16;
    private readonly Cell[] _cells = new Cell[Stages * Types];
    private long[] _busy = [];
    private int _current;
    private int _beforeProduct;
    private long _since;
    private long _runStarted;
    private bool _running;

    private struct Cell
    {
        public long Ticks, Times, Bytes, MultiplyAdds;
    }

    /// <summary>Seconds between Start and Stop, all together.</summary>
    public double Seconds
    {
        get
        {
            long ticks = 0;
            foreach (Cell cell in _cells) ticks += cell.Ticks;
            return (double)ticks / Stopwatch.Frequency;
        }
    }

    /// <summary>Every stage that took time, products once for each type of weights.</summary>
    public IReadOnlyList<ProfileLine> Lines
    {
        get
        {
            List<ProfileLine> lines = [];
            for (int i = 0; i < _cells.Length; i++)
            {
                Cell cell = _cells[i];
                if (cell.Ticks == 0 && cell.Times == 0) continue;
                GgmlType? type = i % Types == 0 ? null : (GgmlType)(i % Types - 1);
                lines.Add(new ProfileLine(
                    (ProfileStage)(i / Types), type, (double)cell.Ticks / Stopwatch.Frequency, cell.Times, cell.Bytes, cell.MultiplyAdds));
            }
            return lines;
        }
    }

    /// <summary>Begins to count; may be called again after <see cref="Stop"/>, and adds to what was counted before.</summary>
    public void Start()
    {
        _running = true;
        _current = CellOf(ProfileStage.Sampling);
        _since = Stopwatch.GetTimestamp();
    }

    /// <summary>Ends counting.</summary>
    public void Stop()
    {
        Switch(_current);
        _running = false;
    }

    /// <summary>From now on it is <paramref name="stage"/>.</summary>
    public void Enter(ProfileStage stage) => Switch(CellOf(stage));

    /// <summary>Work that the current stage cannot avoid: bytes to read or write, multiply-adds.</summary>
    public void Count(long bytes, long multiplyAdds)
    {
        if (!_running) return;
        ref Cell cell = ref _cells[_current];
        cell.Times++;
        cell.Bytes += bytes;
        cell.MultiplyAdds += multiplyAdds;
    }

    /// <summary>A product begins by packing its activations.</summary>
    internal void BeginQuantizing()
    {
        _beforeProduct = _current;
        // The memory's share stays whole.
        if (_beforeProduct != CellOf(ProfileStage.Memory)) Enter(ProfileStage.Quantize);
    }

    /// <summary>Its activations are packed: it multiplies, in the stage that was there before.</summary>
    internal void BeginProduct(WeightMatrix matrix, int tokens)
    {
        Switch(_beforeProduct / Types * Types + 1 + (int)matrix.Type);
        Count(matrix.ResidentBytes, (long)matrix.Rows * matrix.Columns * tokens);
    }

    /// <summary>It is done.</summary>
    internal void EndProduct() => Switch(_beforeProduct);

    /// <summary>The team begins a piece of work.</summary>
    internal void BeginRun(int threads)
    {
        if (_busy.Length < threads * Padding) _busy = new long[threads * Padding];
        Array.Clear(_busy);
        _runStarted = Stopwatch.GetTimestamp();
    }

    /// <summary>A thread of the team did its part.</summary>
    internal void Busy(int worker, long ticks) => _busy[worker * Padding] = ticks;

    /// <summary>All did: what they did not use of the time is waiting.</summary>
    internal void EndRun(int threads)
    {
        if (!_running) return;
        long all = Stopwatch.GetTimestamp() - _runStarted, used = 0;
        for (int w = 0; w < threads; w++) used += _busy[w * Padding];
        long waited = Math.Clamp(all - used / threads, 0, all);
        ref Cell waiting = ref _cells[CellOf(ProfileStage.Waiting)];
        waiting.Ticks += waited;
        waiting.Times++;
        // The stage's own interval is still open and holds the whole run.
        _cells[_current].Ticks -= waited;
    }

    private static int CellOf(ProfileStage stage) => (int)stage * Types;

    private void Switch(int cell)
    {
        if (!_running) return;
        long now = Stopwatch.GetTimestamp();
        _cells[_current].Ticks += now - _since;
        (_since, _current) = (now, cell);
    }
}

/// <summary>One line of a <see cref="StepProfile"/>.</summary>
/// <param name="Stage">What was done.</param>
/// <param name="Type">Of the weights that were multiplied; null for everything else.</param>
/// <param name="Seconds">Time of the whole team.</param>
/// <param name="Times">How often.</param>
/// <param name="Bytes">Bytes that it cannot avoid to read or write.</param>
/// <param name="MultiplyAdds">Multiply-adds that it cannot avoid.</param>
internal sealed record ProfileLine(ProfileStage Stage, GgmlType? Type, double Seconds, long Times, long Bytes, long MultiplyAdds);
