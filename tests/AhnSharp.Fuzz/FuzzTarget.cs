using System;
using System.Collections.Generic;

namespace AhnSharp.Fuzz;

/// <summary>One parser, what it is given, and what it may do with it.</summary>
internal sealed record FuzzTarget
{
    public required string Name { get; init; }

    /// <summary>Of the files that it reads.</summary>
    public required string Extension { get; init; }

    /// <summary>Valid inputs.</summary>
    public required Func<IReadOnlyList<byte[]>> Seeds { get; init; }

    /// <summary>Words of the format, put anywhere.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Changes one of the seeds; null: as any bytes or text.</summary>
    public Func<Random, IReadOnlyList<byte[]>, byte[]>? Mutate { get; init; }

    /// <summary>Reads an input, which also lies at a path. What it throws must be expected.</summary>
    public required Action<byte[], string> Read { get; init; }

    /// <summary>Whether an exception is the documented one.</summary>
    public required Func<Exception, bool> IsExpected { get; init; }

    /// <summary>Whether some inputs are refused; else every one is read as something.</summary>
    public bool Refuses { get; init; } = true;

    /// <summary>Bytes that may be allocated per byte of the input, in all, not at once; and for none.</summary>
    public required int BytesPerByte { get; init; }

    public long ConstantBytes { get; init; } = 4 << 20;

    /// <summary>Most processor time for one input; the clock may show ten times as much, on a machine that does other things too.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Inputs in the test suite: some five seconds. 0: by the command alone.</summary>
    public required int InputsInSuite { get; init; }
}
