using System;
using System.CommandLine;
using AhnSharp.Documents;

namespace AhnSharp.Cli.Options;

/// <summary>What the process that takes a document apart may cost: <c>--reader-memory</c>, <c>--reader-time</c>.</summary>
internal sealed class ReaderOptionGroup
{
    private readonly Option<long?> _memory = ByteOption.Create(
        "--reader-memory", "Memory that reading a PDF, HTML or EPUB may take, in a process of its own (default 1GB).");
    private readonly Option<TimeSpan?> _time = DurationOption.Create(
        "--reader-time", "Processor time that reading it may take (default 120s).");

    internal void AddTo(Command command)
    {
        command.Add(_memory);
        command.Add(_time);
    }

    internal DocumentLimits Limits(ParseResult parsed)
    {
        const long Least = 64_000_000, Most = 1L << 44;
        DocumentLimits limits = new();
        long memory = parsed.GetValue(_memory) ?? limits.ReaderMemoryBytes;
        if (memory is < Least or > Most)
            throw new UsageException("--reader-memory: expected from 64MB to 16TiB, since less does not read a page.");
        return limits with { ReaderMemoryBytes = memory, ReaderTime = parsed.GetValue(_time) ?? limits.ReaderTime };
    }
}
