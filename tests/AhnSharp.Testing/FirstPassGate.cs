using System;
using System.Threading;

namespace AhnSharp.Testing;

/// <summary>
/// Holds an engine in the pass that reads the prompt of the answer that is given this progress, until so many answers are under way: the
/// demo model would have ended the first before a busy machine has begun the last.
/// </summary>
public sealed class FirstPassGate(TextEngine engine, int answers) : IProgress<ReadingProgress>
{
    /// <inheritdoc/>
    public void Report(ReadingProgress value)
    {
        if (!SpinWait.SpinUntil(() => engine.Load.Active >= answers, TimeSpan.FromMinutes(2)))
            throw new TimeoutException($"expected {answers} answers under way, found {engine.Load.Active} after two minutes");
    }
}
