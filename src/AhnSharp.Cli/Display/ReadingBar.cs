using System;
using System.Globalization;
using AhnSharp.Generation;

namespace AhnSharp.Cli.Display;

/// <summary>The progress of a reading, as the bar of <see cref="Progress"/> shows it: tokens read, tokens/s, held exactly, in the memory, megabytes.</summary>
internal sealed class ReadingBar(IProgress<(long Done, long Total, string Note)> bar) : IProgress<ReadingProgress>
{
    public void Report(ReadingProgress value)
    {
        string left = value.TokensDropped > 0 ? $"{value.TokensDropped:N0} dropped" : $"{value.TokensCompressed:N0} in memory";
        bar.Report((value.TokensRead, value.TokensTotal, string.Create(
            CultureInfo.InvariantCulture,
            $"{value.TokensRead:N0}/{value.TokensTotal:N0} · {value.TokensPerSecond:N0}/s · {value.TokensExact:N0} exact · {left} · {value.StateBytes / 1e6:N1} MB")));
    }
}
