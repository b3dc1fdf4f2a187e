using System;
using System.Globalization;

namespace AhnSharp.Cli.Display;

/// <summary>
/// The progress of a reading, as the bar of <see cref="Progress"/> shows it: tokens read, tokens/s, kept exactly, in the memory, megabytes.
/// </summary>
internal sealed class ReadingBar(IProgress<(long Done, long Total, string Note)> bar) : IProgress<ReadingProgress>
{
    public void Report(ReadingProgress value)
    {
        string left = value.Tally.Archived > 0 ? $"{value.Tally.Archived:N0} archived"
            : value.Tally.Dropped > 0 ? $"{value.Tally.Dropped:N0} dropped" : $"{value.Tally.Compressed:N0} compressed";
        bar.Report((value.TokensRead, value.TokensTotal, string.Create(
            CultureInfo.InvariantCulture,
            $"{value.TokensRead:N0}/{value.TokensTotal:N0} tokens, {value.TokensPerSecond:N0}/s · {value.Tally.Exact:N0} exact · {left} · "
                + $"state {value.StateBytes / 1e6:N1} MB")));
    }
}
