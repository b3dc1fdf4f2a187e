using System;
using System.Globalization;
using AhnSharp.Generation;

namespace AhnSharp.Cli.Display;

/// <summary>The progress of a reading, as the bar of <see cref="Progress"/> shows it: tokens read, tokens/s, held exactly, in the memory, megabytes.</summary>
internal sealed class ReadingBar(IProgress<(long Done, long Total, string Note)> bar) : IProgress<ReadingProgress>
{
    public void Report(ReadingProgress value)
    {
        string left = value.TokensDropped > 0 ? $" · dropped {value.TokensDropped:N0}" : $" · in the memory {value.TokensCompressed:N0}";
        bar.Report((value.TokensRead, value.TokensTotal, string.Create(
            CultureInfo.InvariantCulture,
            $"{value.TokensRead:N0} of {value.TokensTotal:N0} tokens · {value.TokensPerSecond:N0} tokens/s · held exactly {value.TokensExact:N0}{left} · {value.StateBytes / 1e6:N1} MB of state")));
    }
}
